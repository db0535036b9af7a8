using Microsoft.ML.Runtime;
using SpeechML.Tasks;

namespace SpeechML.Model.HuggingFace;

/// <summary>Models that are on the disk as folders, as the transformers that trainers give.</summary>
internal static class ScoringTransformers
{
    // The names that options have by default.
    private const string Score = "Score", Probability = "Probability", Predicted = "PredictedLabel";

    /// <summary>The transformer of a model's task, on the device that scoring uses.</summary>
    /// <param name="env">Chooses the device.</param>
    /// <param name="model">The model, on the CPU.</param>
    /// <param name="audio">The column that it scores.</param>
    /// <exception cref="FormatException">The model has no head, or its outputs have no labels.</exception>
    public static SpeechScoringTransformer Of(IHostEnvironment env, SpeechModel model, string audio)
    {
        SpeechTask? task = TaskDescription.Saved(model.Facts.Task)?.Task;
        Action<ModelManifest> check = task switch
        {
            SpeechTask.Binary => ManifestChecks.CheckScalar,
            SpeechTask.Regression => ManifestChecks.CheckNumbers,
            _ => ManifestChecks.CheckLabels,
        };
        check(model.Facts);
        SpeechModel placed = model.On(env);
        return task switch
        {
            SpeechTask.Binary => new SpeechBinaryTransformer(env, audio, Score, Probability, Predicted, placed),
            SpeechTask.Regression => new SpeechRegressionTransformer(env, audio, Score, placed),
            SpeechTask.MultiLabel => new SpeechMultiLabelTransformer(
                env, audio, Score, Probability, Predicted, placed),
            _ => new SpeechClassificationTransformer(env, audio, Score, Predicted, placed),
        };
    }
}
