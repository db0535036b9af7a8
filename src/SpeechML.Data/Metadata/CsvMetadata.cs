namespace SpeechML.Data.Metadata;

/// <summary>Metadata as CSV; the separator is recognised by the columns that are asked for.</summary>
internal static class CsvMetadata
{
    private const string SeparatorLine = "sep="; // which Excel reads and writes
    private static readonly char[] s_separators = [',', ';', '\t', '|'];

    /// <exception cref="InvalidDataException">Names file, line, expected, got.</exception>
    public static MetadataTable Read(string text, string name, SpeechMetadataColumns columns)
    {
        (char? said, int skipped) = Said(text);
        char separator = columns.Separator is [char given] ? given : said ?? Recognise(text, name, columns);
        var names = new MetadataColumnNames();
        var records = new List<MetadataRecord>();
        string[]? header = null;
        foreach (CsvRow row in Rows(text, name, separator).Skip(skipped))
        {
            string place = $"line {row.Line}";
            if (Array.TrueForAll(row.Fields, string.IsNullOrWhiteSpace))
            {
                continue; // Excel writes separators for rows that were emptied
            }
            if (header is null)
            {
                header = Header(row, name, names);
                MetadataChecks.Columns(names.Names, name, place, columns, separator);
                continue;
            }
            if (row.Fields.Length != header.Length)
            {
                throw new InvalidDataException(
                    $"'{name}', {place}: expected {header.Length} fields as in the header, got {row.Fields.Length}.");
            }
            var fields = new Dictionary<string, string>(names.Names.Count, StringComparer.Ordinal);
            for (int i = 0; i < header.Length; i++)
            {
                if (header[i].Length > 0 && row.Fields[i].Length > 0)
                {
                    fields[header[i]] = MetadataChecks.Text(row.Fields[i], name, place, header[i], columns);
                }
            }
            records.Add(new MetadataRecord(place, fields));
        }
        return header is null
            ? throw new InvalidDataException($"'{name}', line 1: expected a header, got an empty file.")
            : new MetadataTable(names, records, DecimalComma: separator != ',');
    }

    // Columns without a name (row numbers of pandas and R, Excel's empty ones) are left out: nothing can name them.
    private static string[] Header(CsvRow row, string name, MetadataColumnNames names)
    {
        string place = $"line {row.Line}";
        string[] header = Array.ConvertAll(row.Fields, f => MetadataChecks.Name(f, name, place));
        foreach (string column in header.Where(h => h.Length > 0))
        {
            if (names.Contains(column))
            {
                throw new InvalidDataException($"'{name}', {place}: expected every column once, got '{column}' twice.");
            }
            names.Add(column, name, place);
        }
        return header;
    }

    private static IEnumerable<CsvRow> Rows(string text, string name, char separator) =>
        CsvFile.Read(new StringReader(text), name, separator);

    private static (char? Separator, int Rows) Said(string text)
    {
        ReadOnlySpan<char> first = text.AsSpan().TrimStart('\uFEFF');
        return first.StartsWith(SeparatorLine, StringComparison.OrdinalIgnoreCase)
            && first.Length > SeparatorLine.Length
            && (first.Length == SeparatorLine.Length + 1 || first[SeparatorLine.Length + 1] is '\r' or '\n')
            ? (first[SeparatorLine.Length], 1) : (null, 0);
    }

    /// <summary>The first one by which the header has all columns; else the one by which it has most.</summary>
    private static char Recognise(string text, string name, SpeechMetadataColumns columns)
    {
        (char Separator, string[] Header)[] read =
            [.. s_separators.Select(s => (s, FirstRow(text, name, s)))];
        foreach ((char separator, string[] header) in read)
        {
            if (!columns.All.Except(header, StringComparer.Ordinal).Any())
            {
                return separator;
            }
        }
        return read.MaxBy(r => r.Header.Length).Separator;
    }

    private static string[] FirstRow(string text, string name, char separator)
    {
        try
        {
            CsvRow? first = Rows(text, name, separator)
                .FirstOrDefault(r => !Array.TrueForAll(r.Fields, string.IsNullOrWhiteSpace));
            return first is null ? [] : Array.ConvertAll(first.Fields, f => MetadataChecks.Name(f, name, "line 1"));
        }
        catch (InvalidDataException)
        {
            return []; // its quotes fit another separator
        }
    }
}
