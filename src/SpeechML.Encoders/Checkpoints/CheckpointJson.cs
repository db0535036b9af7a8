using System.Text.Json;
using System.Text.Unicode;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>Reads a checkpoint's JSON files.</summary>
internal static class CheckpointJson
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    // What a parser makes of a file is many times its size; the largest published index has less than a tenth.
    private const long LongestFile = 1 << 23;

    /// <summary>Reads every name and text once, so that none fails where it is used.</summary>
    /// <exception cref="InvalidOperationException">One holds half a surrogate pair, written as an escape.</exception>
    public static void CheckTexts(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                _ = json.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in json.EnumerateArray())
                {
                    CheckTexts(item);
                }
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty field in json.EnumerateObject())
                {
                    _ = field.Name;
                    CheckTexts(field.Value);
                }
                break;
        }
    }

    /// <exception cref="CheckpointException">Not a JSON object with unique keys.</exception>
    public static JsonElement ReadObject(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length > LongestFile)
            {
                throw new CheckpointException(
                    path, null, $"a JSON file of at most {LongestFile} bytes", $"{length} bytes");
            }
            byte[] bytes = File.ReadAllBytes(path);
            if (!Utf8.IsValid(bytes))
            {
                throw new CheckpointException(path, null, "a JSON object in UTF-8", "bytes that are not UTF-8");
            }
            using JsonDocument document = JsonDocument.Parse(PythonNumbers.ToJson(bytes), s_strict);
            CheckTexts(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new CheckpointException(
                    path, null, "a JSON object", document.RootElement.ValueKind.ToString().ToLowerInvariant());
        }
        // Half a surrogate pair, written as an escape, is an InvalidOperationException.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(
                path, null, "a JSON object with unique keys",
                $"what is not: {CheckpointException.Shorten(error.Message).TrimEnd('.')}", error);
        }
    }
}
