namespace SpeechML.Data.Metadata;

/// <summary>Reads metadata from CSV or JSON text.</summary>
internal static class SpeechMetadataReader
{
    /// <param name="text">The text.</param>
    /// <param name="name">Its name: the extension tells the format.</param>
    /// <param name="columns">What the columns mean, <see cref="SpeechMetadataColumns.Folded"/>.</param>
    public static IReadOnlyList<SpeechMetadataRow> Read(string text, string name, SpeechMetadataColumns columns)
    {
        MetadataTable table = Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".CSV" or ".TSV" => CsvMetadata.Read(text, name, columns),
            ".JSON" => JsonMetadata.Read(text, name, columns, lines: false),
            ".JSONL" => JsonMetadata.Read(text, name, columns, lines: true),
            _ => throw OtherFormat(name),
        };
        if (table.Records.Count == 0)
        {
            throw new InvalidDataException($"'{name}': expected at least one clip, got none.");
        }
        MetadataChecks.Columns(table.Columns.Names, name, table.Records[0].Place, columns);
        var placeOfKey = new Dictionary<string, string>(StringComparer.Ordinal);
        return [.. table.Records.Select(r => Row(r, table, name, columns, placeOfKey))];
    }

    /// <summary>Refuses a format that is not read, by its name, before its bytes are taken for text.</summary>
    /// <exception cref="ArgumentException">The extension is another.</exception>
    public static void CheckExtension(string name)
    {
        if (Path.GetExtension(name).ToUpperInvariant() is not (".CSV" or ".TSV" or ".JSON" or ".JSONL"))
        {
            throw OtherFormat(name);
        }
    }

    private static ArgumentException OtherFormat(string name) => new(
        $"Metadata '{name}': expected the extension .csv, .tsv, .json or .jsonl, got '{Path.GetExtension(name)}'. " +
        "Save the table as CSV (Excel: 'CSV UTF-8').");

    private static SpeechMetadataRow Row(
        MetadataRecord record, MetadataTable table, string name, SpeechMetadataColumns columns,
        Dictionary<string, string> placeOfKey)
    {
        (string place, var fields) = (record.Place, new MetadataFields(table.Columns, record.Fields));
        string key = fields[columns.AudioKey];
        if (string.IsNullOrWhiteSpace(key))
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
        if (columns.Subject is string subject && fields[subject].Length == 0)
        {
            throw new InvalidDataException(
                $"'{name}', {place}, column '{subject}': expected a subject, got an empty field.");
        }
        return new SpeechMetadataRow(
            key, Field(columns.Subject), Field(columns.Date), Field(columns.Task),
            [.. columns.Features.Select(f =>
                MetadataChecks.Rating(fields[f], name, place, f, columns, table.DecimalComma))], fields);

        string Field(string? column) => column is null ? "" : fields[column];
    }
}
