using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Audio.Storage;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.Splits;

/// <summary>
/// The files of a split. CSV: header <c>path,split</c>, one line per clip. JSON: <c>{"name": ..., "train": [keys],
/// "val": [keys], "test": [keys]}</c>.
/// </summary>
internal static class SubjectSplitFile
{
    private static readonly string[] s_names = ["train", "val", "test"];
    private static readonly JsonSerializerOptions s_json =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Save(SubjectSplit split, string path, bool overwrite)
    {
        string text = IsJson(path) ? Json(split) : Csv(split);
        try
        {
            StoragePath.WriteAllText(path, text, overwrite);
        }
        // The same split once more, from a run that is repeated.
        catch (StorageException e) when (
            e.Kind == StorageErrorKind.Conflict && !overwrite
            && StoragePath.ReadAllBytes(path).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text)))
        {
        }
    }

    public static SubjectSplit Load(string path)
    {
        List<(string Key, SplitPart Part)> rows = IsJson(path) ? ReadJson(path) : ReadCsv(path);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, _) in rows)
        {
            if (!seen.Add(key))
            {
                throw new InvalidDataException($"'{path}': expected every path once, got '{key}' twice.");
            }
        }
        return new SubjectSplit(
            Path.GetFileNameWithoutExtension(StoragePath.FileName(path)), [.. rows.Select(r => r.Key)],
            [.. rows.Select(r => r.Part)]);
    }

    private static string Csv(SubjectSplit split)
    {
        var text = new StringBuilder("path,split\n");
        for (int i = 0; i < split.Keys.Count; i++)
        {
            text.Append(CsvFile.Line([split.Keys[i], s_names[(int)split.Parts[i]]])).Append('\n');
        }
        return text.ToString();
    }

    private static string Json(SubjectSplit split)
    {
        var json = new JsonObject { ["name"] = split.Name };
        for (int s = 0; s < s_names.Length; s++)
        {
            json[s_names[s]] = new JsonArray(
                [.. split.Keys.Where((_, i) => (int)split.Parts[i] == s).Select(k => (JsonNode)k)]);
        }
        return json.ToJsonString(s_json) + "\n";
    }

    private static List<(string Key, SplitPart Part)> ReadCsv(string path)
    {
        var rows = new List<(string, SplitPart)>();
        bool first = true;
        foreach (CsvRow row in CsvFile.Read(path))
        {
            if (first && (row.Fields.Length < 2 || row.Fields[0] != "path" || row.Fields[1] != "split"))
            {
                throw new InvalidDataException(
                    $"'{path}', line 1: expected the columns path,split, got {string.Join(',', row.Fields)}.");
            }
            if (!first)
            {
                if (row.Fields.Length < 2)
                {
                    throw new InvalidDataException(
                        $"'{path}', line {row.Line}: expected 2 fields, got {row.Fields.Length}.");
                }
                int part = Array.IndexOf(s_names, row.Fields[1]);
                rows.Add((CsvFile.Text(row.Fields[0]), part >= 0 ? (SplitPart)part : throw new InvalidDataException(
                    $"'{path}', line {row.Line}, column 'split': expected train, val or test, got " +
                    $"'{row.Fields[1]}'.")));
            }
            first = false;
        }
        return first ? throw new InvalidDataException(
            $"'{path}', line 1: expected the columns path,split, got an empty file.") : rows;
    }

    private static List<(string Key, SplitPart Part)> ReadJson(string path)
    {
        var rows = new List<(string, SplitPart)>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(TextFile.Read(path));
            for (int s = 0; s < s_names.Length; s++)
            {
                if (document.RootElement.ValueKind != JsonValueKind.Object
                    || !document.RootElement.TryGetProperty(s_names[s], out JsonElement keys)
                    || keys.ValueKind != JsonValueKind.Array)
                {
                    throw new InvalidDataException(
                        $"'{path}': expected an object with the arrays train, val and test, '{s_names[s]}' is " +
                        $"missing or no array.");
                }
                rows.AddRange(keys.EnumerateArray()
                    .Select(k => (k.GetString()
                    ?? throw new InvalidDataException($"'{path}', '{s_names[s]}': expected strings, got null."),
                    (SplitPart)s)));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"'{path}': expected an object with the arrays train, val and test of strings, got other JSON: " +
                $"{e.Message}", e);
        }
        return rows;
    }

    private static bool IsJson(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSON" => true,
        ".CSV" => false,
        string other => throw new ArgumentException(
        $"Split file '{path}': expected the extension .csv or .json, got '{other}'."),
    };
}
