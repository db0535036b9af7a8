using System.Globalization;
using System.Text;
using SpeechML.Metrics;

namespace SpeechML;

/// <summary>
/// Metrics of several binary labels per clip. Missing entries (-1 or NaN) take part in nothing. Equal to scikit-learn's on the present entries;
/// where scikit-learn warns or gives NaN, the value is undefined and says why.
/// </summary>
public sealed class MultiLabelMetrics
{
    private MultiLabelMetrics(IReadOnlyList<string> names, MultiLabelEntries entries)
    {
        LabelNames = names;
        Rows = entries.Rows;
        IReadOnlyList<LabelEntries> labels = entries.Labels;
        Present = [.. labels.Select(c => c.Positive.Length)];
        Positives = [.. labels.Select(c => c.Positive.Count(p => p))];
        LabelEntries pooled = entries.Pooled();
        RocAuc = Averages(c => Ranking.RocAuc(c.Positive, c.Scores));
        AveragePrecision = Averages(c => Ranking.AveragePrecision(c.Positive, c.Scores));
        Accuracy = Averages(c => c.Accuracy);
        BalancedAccuracy = Averages(c => c.BalancedAccuracy);
        F1 = Averages(c => c.F1);
        Hamming = pooled.Positive.Length == 0 ? MetricValue.Because("no labels") : pooled.Wrong / (double)pooled.Positive.Length;
        ExactMatch = entries.ExactMatch();
        RocAucSamples = entries.OverRows(c => Ranking.RocAuc(c.Positive, c.Scores));
        F1Samples = entries.OverRows(c => c.F1);

        LabelAverages Averages(Func<LabelEntries, MetricValue> metric) => LabelAverages.Of([.. labels.Select(metric)], Positives, metric(pooled));
    }

    /// <summary>The labels, in the order of the columns.</summary>
    public IReadOnlyList<string> LabelNames { get; }

    /// <summary>Clips.</summary>
    public int Rows { get; }

    /// <summary>Entries of each label that are not missing.</summary>
    public IReadOnlyList<int> Present { get; }

    /// <summary>Positive entries of each label.</summary>
    public IReadOnlyList<int> Positives { get; }

    /// <summary>Area under the ROC curve; undefined unless both classes occur.</summary>
    public LabelAverages RocAuc { get; }

    /// <summary>Average precision; undefined without positives.</summary>
    public LabelAverages AveragePrecision { get; }

    /// <summary>Share of right decisions.</summary>
    public LabelAverages Accuracy { get; }

    /// <summary>Mean of the recalls of the classes that occur.</summary>
    public LabelAverages BalancedAccuracy { get; }

    /// <summary>F1 of the positive class; 0 where nothing is positive in truth and prediction.</summary>
    public LabelAverages F1 { get; }

    /// <summary>Share of wrong decisions among all present entries.</summary>
    public MetricValue Hamming { get; }

    /// <summary>Share of clips whose present entries are all right, among those with a present entry.</summary>
    public MetricValue ExactMatch { get; }

    /// <summary>ROC AUC over the labels of a clip, averaged over clips; only where nothing is missing and every clip has both classes.</summary>
    public MetricValue RocAucSamples { get; }

    /// <summary>F1 over the labels of a clip, averaged over clips; only where nothing is missing.</summary>
    public MetricValue F1Samples { get; }

    /// <summary>Computes the metrics.</summary>
    /// <param name="labels">One row per clip: 1, 0, or missing (-1 or NaN) per label.</param>
    /// <param name="scores">One row per clip: the probability of each label.</param>
    /// <param name="labelNames">Names for messages and tables; <see langword="null"/> for numbers.</param>
    /// <param name="thresholds">Scores from here up are positive decisions, one per label; <see langword="null"/> for 0.5.</param>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a label or score out of range: names the row.</exception>
    public static MultiLabelMetrics Evaluate(
        IReadOnlyList<double[]> labels, IReadOnlyList<double[]> scores, IReadOnlyList<string>? labelNames = null, IReadOnlyList<double>? thresholds = null)
    {
        MultiLabelEntries entries = MultiLabelEntries.Collect(labels, scores, thresholds);
        if (labelNames is not null && labelNames.Count != entries.Labels.Count)
        {
            throw new ArgumentException($"Label names: expected {entries.Labels.Count}, one per column of the labels, got {labelNames.Count}.", nameof(labelNames));
        }
        return new MultiLabelMetrics(labelNames ?? [.. Enumerable.Range(0, entries.Labels.Count).Select(j => $"label {j}")], entries);
    }

    /// <inheritdoc cref="Evaluate(IReadOnlyList{double[]}, IReadOnlyList{double[]}, IReadOnlyList{string}, IReadOnlyList{double})"/>
    public static MultiLabelMetrics Evaluate(
        IReadOnlyList<float[]> labels, IReadOnlyList<float[]> scores, IReadOnlyList<string>? labelNames = null, IReadOnlyList<double>? thresholds = null)
    {
        return Evaluate(Widen(labels), Widen(scores), labelNames, thresholds);

        static double[][] Widen(IReadOnlyList<float[]> rows) => [.. rows.Select(r => Array.ConvertAll(r, v => (double)v))];
    }

    /// <summary>A table, one line per label, then the averages.</summary>
    public override string ToString()
    {
        int width = Math.Max(8, LabelNames.Max(n => n.Length)) + 2;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"label".PadRight(width)}{"present",8}{"positive",9}{"roc auc",9}{"avg prec",9}{"accuracy",9}{"balanced",9}{"f1",9}");
        LabelAverages[] columns = [RocAuc, AveragePrecision, Accuracy, BalancedAccuracy, F1];
        for (int j = 0; j < LabelNames.Count; j++)
        {
            text.Append(LabelNames[j].PadRight(width)).Append(CultureInfo.InvariantCulture, $"{Present[j],8}{Positives[j],9}");
            AppendValues(columns.Select(c => c.PerLabel[j]));
        }
        AppendAverage("macro", c => c.Macro);
        AppendAverage("weighted", c => c.Weighted);
        AppendAverage("micro", c => c.Micro);
        text.AppendLine(CultureInfo.InvariantCulture, $"hamming {Hamming}, exact match {ExactMatch}");
        string[] why = [.. LabelNames.Select((n, j) => (n, RocAuc.PerLabel[j].Undefined)).Where(p => p.Undefined is not null).Select(p => $"{p.n}: {p.Undefined}")];
        if (why.Length > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"roc auc undefined and left out of its means for {why.Length} of {LabelNames.Count} labels ({string.Join("; ", why)})");
        }
        return text.ToString();

        void AppendAverage(string name, Func<LabelAverages, MetricValue> select)
        {
            text.Append(name.PadRight(width)).Append(' ', 17);
            AppendValues(columns.Select(select));
        }

        void AppendValues(IEnumerable<MetricValue> values)
        {
            foreach (MetricValue value in values)
            {
                text.Append(value.Value is null ? $"{"-",9}" : $"{value.ToString(),9}");
            }
            text.AppendLine();
        }
    }
}
