using System.Buffers;
using System.Globalization;
using System.Text;
using SpeechML.Audio.Storage;

namespace SpeechML.Data.Metadata;

/// <summary>One record of a CSV file.</summary>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Fields">Its fields, unquoted.</param>
internal sealed record CsvRow(int Line, string[] Fields);

/// <summary>
/// RFC 4180: fields in double quotes may hold commas, line breaks and doubled quotes; CRLF or LF; a byte order mark and
/// empty lines are skipped.
/// </summary>
internal static class CsvFile
{
    // The last four are their full-width forms, which some spreadsheets take alike.
    private static readonly SearchValues<char> s_evaluated =
        SearchValues.Create("=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20");

    /// <summary>Reads a file, header included.</summary>
    /// <exception cref="InvalidDataException">A quote that is not closed or stands inside a field, bytes that are no
    /// UTF-8: names file and line.</exception>
    public static IEnumerable<CsvRow> Read(string path)
    {
        using var reader = new StringReader(TextFile.Read(path));
        foreach (CsvRow row in Read(reader, path))
        {
            yield return row;
        }
    }

    /// <summary>Reads text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="separator">What stands between fields.</param>
    public static IEnumerable<CsvRow> Read(TextReader reader, string name, char separator = ',')
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        int line = 1;
        if (reader.Peek() == '\uFEFF')
        {
            reader.Read();
        }
        while (reader.Peek() >= 0)
        {
            int start = line;
            fields.Clear();
            bool more = true;
            while (more)
            {
                field.Clear();
                if (reader.Peek() == '"')
                {
                    reader.Read();
                    ReadQuoted(reader, field, ref line, start, name);
                }
                else
                {
                    ReadPlain(reader, field, line, name, separator);
                }
                fields.Add(field.ToString());
                more = EndField(reader, ref line, name, separator);
            }
            if (fields.Count > 1 || fields[0].Length > 0)
            {
                yield return new CsvRow(start, [.. fields]);
            }
        }
    }

    /// <summary>
    /// A line of cells. Texts that a spreadsheet would evaluate (they begin with <c>=</c>, <c>+</c>, <c>-</c>,
    /// <c>@</c>, a tab or a line break) get an apostrophe before them, as OWASP's "CSV Injection" advises; numbers
    /// stand as they are. <see cref="Text"/> gives back what was written.
    /// </summary>
    /// <param name="cells">Texts, numbers, enum values, <see langword="null"/> for nothing.</param>
    public static string Line(IEnumerable<object?> cells) => string.Join(',', cells.Select(c => c switch
    {
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        string text => Quote(Guard(text)),
        _ => Quote(Guard(Convert.ToString(c, CultureInfo.InvariantCulture) ?? "")),
    }));

    /// <summary>The text of a cell that <see cref="Line"/> wrote.</summary>
    public static string Text(string cell) => cell.StartsWith('\'') && IsEvaluated(cell) ? cell[1..] : cell;

    // Texts that already begin with apostrophes get one more, so that reading finds which were there.
    private static string Guard(string text) => IsEvaluated(text) ? "'" + text : text;

    private static bool IsEvaluated(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart('\'');
        return rest.Length > 0 && s_evaluated.Contains(rest[0])
            && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field
            : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void ReadQuoted(TextReader reader, StringBuilder field, ref int line, int start, string name)
    {
        while (true)
        {
            int c = reader.Read();
            if (c < 0)
            {
                throw new InvalidDataException(
                    $"'{name}', line {start}: expected a closing quote, got the end of the file.");
            }
            if (c == '"' && reader.Peek() != '"')
            {
                return;
            }
            if (c == '"')
            {
                reader.Read();
            }
            line += c == '\n' ? 1 : 0;
            field.Append((char)c);
        }
    }

    private static void ReadPlain(
        TextReader reader, StringBuilder field, int line, string name, char separator)
    {
        while (reader.Peek() is not (-1 or '\n' or '\r') and int next && next != separator)
        {
            char c = (char)reader.Read();
            if (c == '"')
            {
                throw new InvalidDataException(
                    $"'{name}', line {line}: expected quotes around the whole field, got one inside '{field}'.");
            }
            field.Append(c);
        }
    }

    /// <summary>A separator in messages.</summary>
    public static string Named(char separator) => separator switch
    {
        ',' => "a comma",
        '\t' => "a tab",
        _ => $"'{separator}'",
    };

    // whether another field follows in this record
    private static bool EndField(TextReader reader, ref int line, string name, char separator)
    {
        int c = reader.Read();
        if (c == '\r' && reader.Peek() == '\n')
        {
            c = reader.Read();
        }
        if (c is '\n' or '\r')
        {
            line++;
        }
        return c switch
        {
            _ when c == separator => true,
            '\n' or '\r' or -1 => false,
            _ => throw new InvalidDataException(
            $"'{name}', line {line}: expected {Named(separator)} or the end of the line after a closing quote, got " +
            $"'{(char)c}'."),
        };
    }
}
