using System.Globalization;
using System.Text;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>
/// Metrics of ordered classes 0..K-1, such as levels of severity. Equal to scikit-learn's and SciPy's; what is
/// undefined says why.
/// </summary>
public sealed class OrdinalMetrics
{
    private OrdinalMetrics(EvaluatedClips clips, int missing, string[]? names)
    {
        Classes = names ?? [.. Enumerable.Range(0, clips.Confusion().Counts.Length)
            .Select(c => c.ToString(CultureInfo.InvariantCulture))];
        (Rows, Missing) = (clips.Count, missing);
        Confusion = clips.Confusion().Counts;
        (Accuracy, BalancedAccuracy) = (Number(SpeechMetrics.Accuracy), Number(SpeechMetrics.BalancedAccuracy));
        (Mae, MacroMae, WithinOne) =
            (Number(SpeechMetrics.Mae), Number(SpeechMetrics.MacroMae), Number(SpeechMetrics.WithinOne));
        Kappa = SpeechMetrics.Kappa.Compute(clips);
        KappaLinear = SpeechMetrics.KappaLinear.Compute(clips);
        KappaQuadratic = SpeechMetrics.KappaQuadratic.Compute(clips);
        Spearman = SpeechMetrics.Spearman.Compute(clips);
        Kendall = SpeechMetrics.Kendall.Compute(clips);

        double Number(SpeechMetric metric) => metric.Compute(clips).Value!.Value;
    }

    /// <summary>Clips that were evaluated.</summary>
    public int Rows { get; }

    /// <summary>Clips that were left out because their label is missing.</summary>
    public int Missing { get; }

    /// <summary>Share of right predictions.</summary>
    public double Accuracy { get; }

    /// <summary>Mean recall of the classes that occur.</summary>
    public double BalancedAccuracy { get; }

    /// <summary>Mean absolute difference of class numbers.</summary>
    public double Mae { get; }

    /// <summary>The same per class of truth, averaged over the classes that occur.</summary>
    public double MacroMae { get; }

    /// <summary>Share of rows at most one class off.</summary>
    public double WithinOne { get; }

    /// <summary>Cohen's kappa.</summary>
    public MetricValue Kappa { get; }

    /// <summary>Cohen's kappa, disagreement weighted by distance.</summary>
    public MetricValue KappaLinear { get; }

    /// <summary>Cohen's kappa, disagreement weighted by squared distance.</summary>
    public MetricValue KappaQuadratic { get; }

    /// <summary>Spearman's rank correlation of the class numbers.</summary>
    public MetricValue Spearman { get; }

    /// <summary>Kendall's tau-b of the class numbers.</summary>
    public MetricValue Kendall { get; }

    /// <summary>The names of the classes, in order: the values of the key, or their numbers.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Counts, rows = truth, columns = prediction.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; }

    /// <summary>Computes them.</summary>
    /// <param name="truth">Class numbers from 0.</param>
    /// <param name="predicted">Class numbers from 0.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a class out of range: names the
    /// row.</exception>
    public static OrdinalMetrics Evaluate(IReadOnlyList<int> truth, IReadOnlyList<int> predicted, int classes) =>
        Evaluate(truth, predicted, classes, skipMissing: false);

    /// <summary>Computes them over the rows whose truth is not -1.</summary>
    internal static OrdinalMetrics Evaluate(
        IReadOnlyList<int> truth, IReadOnlyList<int> predicted, int classes, bool skipMissing, string[]? names = null)
    {
        MetricInput.CheckRows(truth.Count, predicted.Count);
        List<int> y = [], x = [];
        for (int i = 0; i < truth.Count; i++)
        {
            if (!skipMissing || truth[i] != -1)
            {
                MetricInput.CheckClass("Class", truth[i], classes, i);
                MetricInput.CheckClass("Class", predicted[i], classes, i);
                y.Add(truth[i]);
                x.Add(predicted[i]);
            }
        }
        return y.Count == 0
            ? throw new ArgumentException($"No rows: a metric needs at least one label, all {truth.Count} are missing.")
            : new OrdinalMetrics(EvaluatedClips.Ordinal(y, x, classes), truth.Count - y.Count, names);
    }

    /// <summary>A table of the metrics, then the counts.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"clips {Rows}, left out because not rated {Missing}");
        MetricTable.Append(text, [
            ("accuracy", Accuracy), ("balanced accuracy", BalancedAccuracy), ("mean absolute error", Mae),
            ("macro mean error", MacroMae), ("within one class", WithinOne),
            ("kappa", Kappa), ("kappa, linear", KappaLinear), ("kappa, quadratic", KappaQuadratic),
            ("spearman", Spearman), ("kendall", Kendall)]);
        int wide = Math.Max(8, Classes.Max(c => c.Length) + 2), first = Math.Max(6, wide - 2);
        text.AppendLine("truth \\ predicted").Append(' ', first)
            .AppendLine(string.Concat(Classes.Select(c => c.PadLeft(wide))));
        for (int c = 0; c < Confusion.Count; c++)
        {
            text.Append(Classes[c].PadLeft(first)).AppendLine(string.Concat(
                Confusion[c].Select(n => n.ToString(CultureInfo.InvariantCulture).PadLeft(wide))));
        }
        return text.ToString();
    }
}
