using System.Text;
using System.Text.Json;

namespace SpeechML.Data.Metadata;

/// <summary>Metadata as JSON: an array of objects, or one object after another (JSON lines).</summary>
internal static class JsonMetadata
{
    /// <exception cref="InvalidDataException">Names file, line or entry, expected, got.</exception>
    public static MetadataTable Read(string text, string name, SpeechMetadataColumns columns, bool lines)
    {
        var names = new MetadataColumnNames();
        var records = new List<MetadataRecord>();
        byte[] json = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            bool array = false;
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartArray when !array && records.Count == 0:
                        array = true;
                        break;
                    case JsonTokenType.EndArray:
                        CheckEnd(ref reader, name);
                        break;
                    case JsonTokenType.StartObject:
                        records.Add(Entry(ref reader, json, name, $"entry {records.Count}", columns, names));
                        break;
                    case var other when array:
                        throw new InvalidDataException(
                            $"'{name}', entry {records.Count}: expected an object, got {other}.");
                    case var other:
                        throw NoArray(name, $"{other}");
                }
            }
            if (!array && !lines && records.Count < 2)
            {
                throw NoArray(name, records.Count == 0 ? "nothing" : "Object");
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}', line {e.LineNumber + 1}: expected JSON, got {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException(
                $"'{name}', entry {records.Count}: expected whole characters, got half of one (\\uD800 to \\uDFFF).",
                e);
        }
        return new MetadataTable(names, records, DecimalComma: false);
    }

    private static void CheckEnd(ref Utf8JsonReader reader, string name)
    {
        if (reader.Read())
        {
            throw new InvalidDataException($"'{name}': expected one array, got {reader.TokenType} behind it.");
        }
    }

    private static InvalidDataException NoArray(string name, string got) =>
        new($"'{name}': expected an array of objects, one per clip, got {got}.");

    private static MetadataRecord Entry(
        ref Utf8JsonReader reader, byte[] json, string name, string place, SpeechMetadataColumns columns,
        MetadataColumnNames names)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string column = MetadataChecks.Name(reader.GetString()!, name, place);
            reader.Read();
            string value = Value(ref reader, json);
            if (column.Length == 0)
            {
                continue; // as a column without a name in CSV
            }
            if (!fields.TryAdd(column, MetadataChecks.Text(value, name, place, column, columns)))
            {
                throw new InvalidDataException($"'{name}', {place}: expected every key once, got '{column}' twice.");
            }
            names.Add(column, name, place);
        }
        // At once, so that a file without clips is not read to its end.
        return fields.ContainsKey(columns.AudioKey) ? new MetadataRecord(place, fields)
            : throw MetadataChecks.NoColumn(columns.AudioKey, fields.Keys, name, place);
    }

    private static string Value(ref Utf8JsonReader reader, byte[] json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString()!;
            case JsonTokenType.Null:
                return "";
            case JsonTokenType.True:
                return bool.TrueString;
            case JsonTokenType.False:
                return bool.FalseString;
            default:
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                return Encoding.UTF8.GetString(json, start, (int)reader.BytesConsumed - start);
        }
    }
}
