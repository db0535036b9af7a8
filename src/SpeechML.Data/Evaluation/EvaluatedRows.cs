using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Decisions;

namespace SpeechML.Data.Evaluation;

/// <summary>The rated clips of scored data.</summary>
/// <param name="Clips">Truth and prediction.</param>
/// <param name="Kept">Their rows in the data.</param>
/// <param name="Truth">Their truth as numbers, by which two models' data are told to be the same rows.</param>
/// <param name="Rows">All rows.</param>
internal sealed record EvaluatedRows(EvaluatedClips Clips, int[] Kept, double[] Truth, int Rows)
{
    public int Missing => Rows - Kept.Length;

    public static EvaluatedRows Binary(IDataView data, string label, string probability, string? predictedLabel)
    {
        SchemaShape schema = SchemaShape.Create(data.Schema);
        SchemaChecks.Find(schema, "label", label, BooleanDataViewType.Instance);
        bool[] positive = [.. data.GetColumn<bool>(label)];
        double[] scores = ScoreColumns.Numbers(data, "probability", probability);
        bool[]? decisions = null;
        if (predictedLabel is not null && data.Schema.GetColumnOrNull(predictedLabel) is not null)
        {
            SchemaChecks.Find(schema, "predicted label", predictedLabel, BooleanDataViewType.Instance);
            decisions = [.. data.GetColumn<bool>(predictedLabel)];
        }
        return Of(label, Array.ConvertAll(positive, p => p ? 1.0 : 0.0), _ => true,
            rows => EvaluatedClips.Binary(Pick(positive, rows), Pick(scores, rows),
            decisions is null ? null : Pick(decisions, rows)));
    }

    public static EvaluatedRows Multiclass(IDataView data, string label, string score, string? predictedLabel)
    {
        int[] truth = ScoreColumns.Classes(data, "label", label, out _);
        double[][] probabilities = ScoreColumns.Probabilities(data, score);
        int[]? decisions = predictedLabel is not null && data.Schema.GetColumnOrNull(predictedLabel) is not null
            ? ScoreColumns.DecidedClasses(data, label, predictedLabel) : null;
        return Of(label, Array.ConvertAll(truth, t => (double)t), t => t >= 0, rows =>
            EvaluatedClips.Multiclass(Pick(truth, rows), Pick(probabilities, rows),
                decisions is null ? null : Pick(decisions, rows)));
    }

    /// <param name="data">Scored data.</param>
    /// <param name="label">A key, or class numbers.</param>
    /// <param name="predictedLabel">In the same form.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="score">The vector of class probabilities; where the data has no such column, what follows from the
    /// decisions only.</param>
    public static EvaluatedRows Ordinal(IDataView data, string label, string predictedLabel, int classes, string? score)
    {
        int[] truth = ScoreColumns.Classes(data, "label", label, out _),
            decisions = ScoreColumns.DecidedClasses(data, label, predictedLabel);
        double[][]? above = score is not null && data.Schema.GetColumnOrNull(score)?.Type is VectorDataViewType
            ? [.. ScoreColumns.Probabilities(data, score).Select(p => OrdinalThresholds.Above(p))]
            : null;
        if (above is not null && above[0].Length != classes - 1)
        {
            throw new ArgumentException(
                $"Column '{score}': expected a probability for each of {classes} classes, got {above[0].Length + 1}.",
                nameof(score));
        }
        return Of(label, Array.ConvertAll(truth, t => (double)t), t => t >= 0,
            rows => EvaluatedClips.Ordinal(Pick(truth, rows), Pick(decisions, rows), classes,
            above is null ? null : Pick(above, rows)));
    }

    public static EvaluatedRows Regression(IDataView data, string label, string score)
    {
        double[] truth = ScoreColumns.Numbers(data, "label", label),
            predicted = ScoreColumns.Numbers(data, "score", score);
        return Of(label, truth, t => !double.IsNaN(t),
            rows => EvaluatedClips.Regression(Pick(truth, rows), Pick(predicted, rows)));
    }

    /// <summary>A text of each rated clip.</summary>
    public string[] Texts(IDataView data, string role, string name) => Pick(ScoreColumns.Texts(data, role, name), Kept);

    private static EvaluatedRows Of(
        string label, double[] truth, Func<double, bool> rated, Func<int[], EvaluatedClips> clips)
    {
        int[] kept = [.. Enumerable.Range(0, truth.Length).Where(i => rated(truth[i]))];
        return kept.Length == 0
            ? throw new ArgumentException(
                $"Column '{label}': expected at least one clip with a label, got none among {truth.Length}.",
                nameof(label))
            : new EvaluatedRows(clips(kept), kept, Pick(truth, kept), truth.Length);
    }

    private static T[] Pick<T>(T[] values, int[] rows) => Array.ConvertAll(rows, i => values[i]);
}
