using System.Globalization;
using System.Text.Json;

namespace SpeechML.Data.Metadata;

/// <summary>Reads metadata from CSV or JSON text.</summary>
internal static class SpeechMetadataReader
{
    public static IReadOnlyList<SpeechMetadataRow> Read(TextReader reader, string name, SpeechMetadataColumns columns)
    {
        IEnumerable<(string Place, IReadOnlyDictionary<string, string> Fields)> records = Path.GetExtension(name)
            .ToUpperInvariant() switch
        {
            ".CSV" => FromCsv(reader, name, columns),
            ".JSON" => FromJson(reader, name, columns),
            string other => throw new ArgumentException(
            $"Metadata '{name}': expected the extension .csv or .json, got '{other}'."),
        };
        var rows = new List<SpeechMetadataRow>();
        var placeOfKey = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string place, IReadOnlyDictionary<string, string> fields) in records)
        {
            string key = fields[columns.AudioKey];
            if (key.Length == 0)
            {
                throw new InvalidDataException(
                    $"'{name}', {place}, column '{columns.AudioKey}': expected an audio key, got an empty field.");
            }
            if (!placeOfKey.TryAdd(key, place))
            {
                throw new InvalidDataException(
                    $"'{name}', {place}, column '{columns.AudioKey}': expected every key once, got '{key}' as in " +
                    $"{placeOfKey[key]}.");
            }
            if (columns.Subject is string subject && string.IsNullOrWhiteSpace(fields[subject]))
            {
                throw new InvalidDataException(
                    $"'{name}', {place}, column '{subject}': expected a subject, got an empty field.");
            }
            rows.Add(new SpeechMetadataRow(
                key, Field(columns.Subject), Field(columns.Date), Field(columns.Task),
                [.. columns.Features.Select(f => Rating(fields[f], name, place, f))], fields));

            string Field(string? column) => column is null ? "" : fields[column];
        }
        return rows.Count > 0 ? rows
            : throw new InvalidDataException($"'{name}': expected at least one clip, got none.");
    }

    private static double Rating(string text, string name, string place, string column)
    {
        if (text.Length == 0)
        {
            return double.NaN;
        }
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rating)
            || double.IsInfinity(rating))
        {
            throw new InvalidDataException(
                $"'{name}', {place}, column '{column}': expected a number, -1 or nothing (missing), got '{text}'.");
        }
        return rating == -1 ? double.NaN : rating;
    }

    private static IEnumerable<(string Place, IReadOnlyDictionary<string, string> Fields)> FromCsv(
        TextReader reader, string name, SpeechMetadataColumns columns)
    {
        string[]? header = null;
        foreach (CsvRow row in CsvFile.Read(reader, name))
        {
            if (header is null)
            {
                header = row.Fields;
                CheckColumns(header, name, $"line {row.Line}", columns);
                string? twice = header.GroupBy(h => h, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
                if (twice is not null)
                {
                    throw new InvalidDataException(
                        $"'{name}', line {row.Line}: expected every column once, got '{twice}' twice.");
                }
                continue;
            }
            if (row.Fields.Length != header.Length)
            {
                throw new InvalidDataException(
                    $"'{name}', line {row.Line}: expected {header.Length} fields as in the header, got " +
                    $"{row.Fields.Length}.");
            }
            yield return ($"line {row.Line}",
                header.Zip(row.Fields).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
        }
        if (header is null)
        {
            throw new InvalidDataException($"'{name}', line 1: expected a header, got an empty file.");
        }
    }

    private static IEnumerable<(string Place, IReadOnlyDictionary<string, string> Fields)> FromJson(
        TextReader reader, string name, SpeechMetadataColumns columns)
    {
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(reader.ReadToEnd());
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}', line {e.LineNumber + 1}: expected JSON, got {e.Message}", e);
        }
        if (root.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException(
                $"'{name}': expected an array of objects, one per clip, got {root.ValueKind}.");
        }
        int number = 0;
        foreach (JsonElement item in root.EnumerateArray())
        {
            string place = $"entry {number++}";
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"'{name}', {place}: expected an object, got {item.ValueKind}.");
            }
            var fields = item.EnumerateObject()
                .ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.Null ? "" : p.Value.ToString(),
                StringComparer.Ordinal);
            CheckColumns(fields.Keys, name, place, columns);
            yield return (place, fields);
        }
    }

    private static void CheckColumns(
        IEnumerable<string> present, string name, string place, SpeechMetadataColumns columns)
    {
        string? missing = columns.All.Except(present, StringComparer.Ordinal).FirstOrDefault();
        if (missing is not null)
        {
            throw new InvalidDataException(
                $"'{name}', {place}: expected a column '{missing}', got the columns '{string.Join("', '", present)}'.");
        }
    }
}
