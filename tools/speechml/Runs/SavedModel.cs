using Microsoft.ML;
using SpeechML.Data.Scoring;
using SpeechML.Model;
using SpeechML.Runs;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Runs;

/// <summary>
/// A model as users name it: a zip, the folder of a run, or a model of the Hugging Face Hub by its folder or id.
/// </summary>
internal static class SavedModel
{
    // What tells such a folder from that of a run.
    private static readonly string[] s_huggingFaceFiles = ["config.json", "adapter_config.json"];

    /// <summary>The zip's path or address, or the folder of a model of the Hub.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="output">Told of a download.</param>
    /// <exception cref="InvalidDataException">The folder's run has no model yet, or there is no such file.</exception>
    public static string Find(string path, ToolOutput output)
    {
        if (StoragePath.FileName(path.TrimEnd('/')).EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            return StoragePath.Exists(path) ? path
                : throw new InvalidDataException($"Model '{path}': expected a model zip, got no such file.");
        }
        if (File.Exists(path))
        {
            return path;
        }
        if (IsHuggingFace(path))
        {
            return SavedModels.FolderOf(path, output.Note);
        }
        if (!StoragePath.Exists(StoragePath.Combine(path, RunFiles.TrainConfig)))
        {
            string got = Directory.Exists(path)
                ? $"a folder without {RunFiles.TrainConfig} and {string.Join(" and ", s_huggingFaceFiles)}"
                : $"no such file, nor {RunFiles.TrainConfig} in a folder of this name";
            throw new InvalidDataException(
                $"Model '{path}': expected the folder of a run, a model zip, an ONNX file that export --onnx wrote, " +
                $"or a model of the Hugging Face Hub by its folder or id, got {got}.");
        }
        using SpeechRun run = SpeechRun.Open(path);
        return run.ModelFile ?? throw new InvalidDataException(
            $"Run '{path}': expected a saved model, got none. Finish the run with train --output {path} --resume.");
    }

    /// <summary>Whether a path is a folder with a model's configuration, or no file but a Hub id.</summary>
    public static bool IsHuggingFace(string path) => Directory.Exists(path)
        ? s_huggingFaceFiles.Any(f => File.Exists(Path.Combine(path, f)))
        : SavedModels.IsHubId(path) && !StoragePath.IsRemote(path);

    /// <summary>Loads what <see cref="Find"/> found.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The zip, folder or id.</param>
    /// <param name="input">The schema of the model's input; <see langword="null"/> of a model of the Hub, which takes
    /// audio.</param>
    public static ITransformer Load(MLContext mlContext, string path, out DataViewSchema? input)
    {
        if (IsHuggingFace(path))
        {
            input = null;
            return mlContext.Speech().LoadHuggingFace(path);
        }
        ITransformer model = mlContext.Speech().LoadModel(path, out DataViewSchema schema);
        input = schema;
        return model;
    }

    /// <summary>A recording as a model takes it: as its chain loads it, at the encoder's rate.</summary>
    public static MLAudio Read(ITransformer model, string file)
    {
        ITransformer[] steps = [.. TransformerSteps.Flatten(model)];
        AudioLoadingOptions loading =
            steps.OfType<AudioLoadingTransformer>().FirstOrDefault()?.Options ?? new AudioLoadingOptions();
        var audio = MLAudio.FromCopy(StoragePath.Fetch(file), file, loading);
        return steps.OfType<AudioResamplingTransformer>().Any() || ScorerOf(model) is not { } scorer ? audio
            : audio.Resample(scorer.Network.Encoder.Config.SampleRate);
    }

    /// <summary>Refuses a model of the Hub where a run is needed.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="verb">What it was given to.</param>
    /// <exception cref="InvalidDataException">It is a folder of the Hub.</exception>
    public static void RefuseHub(string path, string verb)
    {
        if (Directory.Exists(path) && IsHuggingFace(path))
        {
            throw new InvalidDataException(
                $"Run '{path}': expected the folder of a run of train, got a model of the Hugging Face Hub, which " +
                $"has no data to {verb}. predict, explain and export take it; train goes on from it " +
                $"(--initial-model.path), and its run can be evaluated.");
        }
    }

    /// <summary>The trained model among the transformers; <see langword="null"/> where there is none.</summary>
    public static SpeechScoringTransformer? ScorerOf(ITransformer model) =>
        TransformerSteps.Flatten(model).OfType<SpeechScoringTransformer>().LastOrDefault();
}
