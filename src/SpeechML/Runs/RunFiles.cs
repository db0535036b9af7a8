using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Runs;

/// <summary>Files of a run folder: written under a temporary name, flushed to the disk, renamed, so that a file that is there is whole.</summary>
internal static class RunFiles
{
    public const string ModelConfig = "model_config.json";
    public const string TrainConfig = "train_config.json";
    public const string TrainLog = "train_log.jsonl";
    public const string Evaluation = "evaluation.json";
    public const string Predictions = "predictions.csv";
    public const string Environment = "environment.json";
    public const string DataCheck = "data_check.json";
    public const string Model = "model.zip";
    public const string Clips = "clips.json";

    public static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>One line, for a log.</summary>
    public static readonly JsonSerializerOptions Line = new(Json) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Write(string path, Action<Stream> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + ".tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public static void WriteJson<T>(string path, T value) => Write(path, stream => JsonSerializer.Serialize(stream, value, Json));

    /// <summary>Reads a file; <paramref name="otherwise"/> where it is not there.</summary>
    /// <exception cref="InvalidDataException">It is not the JSON that it should be.</exception>
    public static T ReadJson<T>(string path, T otherwise)
    {
        if (!File.Exists(path))
        {
            return otherwise;
        }
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new InvalidDataException($"Run file '{path}': expected a JSON value, got null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Run file '{path}': expected what SpeechML writes, got JSON that cannot be read: {e.Message}", e);
        }
    }
}
