using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SpeechML.Audio.Storage;

namespace SpeechML.Runs;

/// <summary>
/// Files of a run folder, on a disk or in a store: written under a temporary name, flushed to the disk, renamed, or put
/// into the store as a whole, so that a file that is there is
/// whole.
/// </summary>
internal static class RunFiles
{
    public const string ModelConfig = "model_config.json";
    public const string TrainConfig = ModelPath.RunFile;
    public const string TrainLog = "train_log.jsonl";
    public const string Evaluation = "evaluation.json";
    public const string Baselines = "baselines.json";
    public const string Measures = "measures.json";
    public const string Predictions = "predictions.csv";
    public const string Environment = "environment.json";
    public const string DataCheck = "data_check.json";
    public const string Model = ModelPath.ModelFile;
    public const string Clips = "clips.json";
    public const string TypicalClips = "typical.json";

    public static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>One line, for a log.</summary>
    public static readonly JsonSerializerOptions Line =
        new(Json) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Write(string path, Action<Stream> write)
    {
        if (StoragePath.IsRemote(path))
        {
            StoragePath.Write(path, write, overwrite: true);
            return;
        }
        WriteFile(path, temporary =>
        {
            using var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None);
            write(stream);
        });
    }

    /// <summary>Writes a file by code that wants the name of a file on this machine.</summary>
    public static void WriteFile(string path, Action<string> save)
    {
        if (StoragePath.IsRemote(path))
        {
            string here = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            try
            {
                save(here);
                using FileStream content = File.OpenRead(here);
                ObjectStores.For(path).Write(path, content, WriteCondition.Overwrite);
            }
            finally
            {
                File.Delete(here);
            }
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string temporary = path + ".tmp";
        try
        {
            save(temporary);
            using (var stream = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite))
            {
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public static void WriteJson<T>(string path, T value) =>
        Write(path, stream => JsonSerializer.Serialize(stream, value, Json));

    /// <summary>Reads a file; <paramref name="otherwise"/> where it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="otherwise">What is read where there is none.</param>
    /// <param name="upgrade">Gives what an earlier version wrote today's names.</param>
    /// <exception cref="InvalidDataException">It is not the JSON that it should be.</exception>
    public static T ReadJson<T>(string path, T otherwise, Action<JsonNode>? upgrade = null)
    {
        if (!StoragePath.Exists(path))
        {
            return otherwise;
        }
        try
        {
            using Stream stream = StoragePath.OpenRead(path);
            JsonNode? json = JsonNode.Parse(stream);
            if (json is not null)
            {
                upgrade?.Invoke(json);
            }
            return json.Deserialize<T>(Json)
                ?? throw new InvalidDataException($"Run file '{path}': expected a JSON value, got null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"Run file '{path}': expected what SpeechML writes, got JSON that cannot be read: {e.Message}", e);
        }
    }
}
