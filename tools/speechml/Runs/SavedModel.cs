using Microsoft.ML;
using SpeechML.Data.Scoring;

namespace SpeechML.Tool.Runs;

/// <summary>A model as users name it: a zip, or the folder of a run.</summary>
internal static class SavedModel
{
    /// <summary>The zip's path or address.</summary>
    /// <exception cref="InvalidDataException">The folder's run has no model yet, or there is no such file.</exception>
    public static string Find(string path)
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
        using SpeechRun run = SpeechRun.Open(path);
        return run.ModelFile ?? throw new InvalidDataException(
            $"Run '{path}': expected a saved model, got none. Finish the run with train --output {path} --resume.");
    }

    /// <summary>The trained model among the transformers; <see langword="null"/> where there is none.</summary>
    public static SpeechScoringTransformer? ScorerOf(ITransformer model) =>
        TransformerSteps.Flatten(model).OfType<SpeechScoringTransformer>().LastOrDefault();
}
