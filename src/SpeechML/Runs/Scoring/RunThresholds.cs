using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML.Runs.Scoring;

/// <summary>
/// Predictions of ordered classes as predictions of "this class or above", one for each threshold between classes.
/// </summary>
internal static class RunThresholds
{
    /// <summary>The thresholds of every clip.</summary>
    /// <param name="predictions">Clip after clip, every class of it in order.</param>
    /// <param name="classes">How many classes there are.</param>
    public static IEnumerable<RunPrediction> Of(IEnumerable<RunPrediction> predictions, int classes)
    {
        foreach (RunPrediction[] clip in predictions.Chunk(classes))
        {
            double[] above = OrdinalThresholds.Above(Array.ConvertAll(clip, p => p.Probability!.Value));
            int truth = Array.FindIndex(clip, p => p.Target == 1),
                decided = Array.FindIndex(clip, p => p.Prediction == 1);
            for (int k = 0; k + 1 < classes; k++)
            {
                yield return clip[k + 1] with
                {
                    Label = "≥ " + clip[k + 1].Label,
                    Probability = above[k],
                    Target = truth < 0 ? null : truth > k ? 1 : 0,
                    Prediction = decided > k ? 1 : 0,
                };
            }
        }
    }

    /// <summary>
    /// What the figures of single labels of a part are of: for ordered classes the thresholds, else the predictions as
    /// they are.
    /// </summary>
    public static IReadOnlyList<RunPrediction> Evaluated(
        RunEvaluation evaluation, IReadOnlyList<RunPrediction> predictions) =>
        evaluation.Task == SpeechTask.Ordinal ? [.. Of(predictions, evaluation.Classes.Count)] : predictions;
}
