using System.Globalization;
using System.Text;
using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>
/// Metrics of several binary labels per clip. Missing entries (-1 or NaN) take part in nothing. Equal to scikit-learn's
/// on the present entries;
/// where scikit-learn warns or gives NaN, the value is undefined and says why.
/// </summary>
public sealed class MultiLabelMetrics
{
    private MultiLabelMetrics(IReadOnlyList<string> names, MultiLabelClips clips)
    {
        LabelNames = names;
        Rows = clips.Rows;
        EvaluatedClips[] labels = [.. clips.Labels.Select(l => l.Clips)];
        Present = [.. labels.Select(c => c.Count)];
        Positives = [.. labels.Select(c => c.Classes.Sum())];
        EvaluatedClips pooled = clips.Pooled();
        RocAuc = Averages(SpeechMetrics.RocAuc);
        AveragePrecision = Averages(SpeechMetrics.AveragePrecision);
        Accuracy = Averages(SpeechMetrics.Accuracy);
        BalancedAccuracy = Averages(SpeechMetrics.BalancedAccuracy);
        F1 = Averages(SpeechMetrics.F1);
        Brier = Averages(SpeechMetrics.Brier);
        Ece = Averages(SpeechMetrics.Ece);
        AdaptiveEce = Averages(SpeechMetrics.AdaptiveEce);
        Reliability = [.. labels.Select(
            c => ReliabilityBin.Curve([.. c.Classes.Select(v => v == 1)], [.. c.Probabilities.Select(p => p[0])]))];
        Hamming = pooled.Count == 0 ? MetricValue.Because("no labels")
            : MultiLabelClips.Wrong(pooled) / (double)pooled.Count;
        ExactMatch = clips.ExactMatch();
        RocAucSamples = clips.OverRows(SpeechMetrics.RocAuc);
        F1Samples = clips.OverRows(SpeechMetrics.F1);

        LabelAverages Averages(SpeechMetric metric) =>
            LabelAverages.Of([.. labels.Select(metric.Compute)], Positives, metric.Compute(pooled));
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

    /// <summary>Mean squared distance of probability and outcome; lower is better.</summary>
    public LabelAverages Brier { get; }

    /// <summary>Expected calibration error over 15 groups of equal width; lower is better.</summary>
    public LabelAverages Ece { get; }

    /// <summary>The same over 15 groups of equal size.</summary>
    public LabelAverages AdaptiveEce { get; }

    /// <summary>The reliability curve of each label.</summary>
    public IReadOnlyList<IReadOnlyList<ReliabilityBin>> Reliability { get; }

    /// <summary>
    /// Spearman's rank correlation of the probabilities with the ratings that the labels were made from: per label,
    /// mean, weighted by the rated entries, and pooled.
    /// <see langword="null"/> without ratings.
    /// </summary>
    public LabelAverages? Spearman { get; private init; }

    /// <summary>Share of wrong decisions among all present entries.</summary>
    public MetricValue Hamming { get; }

    /// <summary>Share of clips whose present entries are all right, among those with a present entry.</summary>
    public MetricValue ExactMatch { get; }

    /// <summary>
    /// ROC AUC over the labels of a clip, averaged over clips; only where nothing is missing and every clip has both
    /// classes.
    /// </summary>
    public MetricValue RocAucSamples { get; }

    /// <summary>F1 over the labels of a clip, averaged over clips; only where nothing is missing.</summary>
    public MetricValue F1Samples { get; }

    /// <summary>Computes the metrics.</summary>
    /// <param name="labels">One row per clip: 1, 0, or missing (-1 or NaN) per label.</param>
    /// <param name="scores">One row per clip: the probability of each label.</param>
    /// <param name="labelNames">Names for messages and tables; <see langword="null"/> for numbers.</param>
    /// <param name="thresholds">Scores from here up are positive decisions, one per label; <see langword="null"/> for
    /// 0.5.</param>
    /// <param name="decisions">The decisions themselves, instead of thresholds.</param>
    /// <param name="ratings">The ratings, for <see cref="Spearman"/>; missing is -1 or NaN.</param>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a label or score out of range: names the
    /// row.</exception>
    public static MultiLabelMetrics Evaluate(
        IReadOnlyList<double[]> labels,
        IReadOnlyList<double[]> scores,
        IReadOnlyList<string>? labelNames = null,
        IReadOnlyList<double>? thresholds = null,
        IReadOnlyList<bool[]>? decisions = null,
        IReadOnlyList<double[]>? ratings = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(scores);
        var clips = new MultiLabelClips(labels, scores, thresholds, decisions);
        return new MultiLabelMetrics(MultiLabelClips.Names(labelNames, clips.Labels.Count), clips)
        {
            Spearman = ratings is null ? null : RatingCorrelation.Spearman(ratings, scores),
        };
    }

    /// <inheritdoc cref="Evaluate(IReadOnlyList{double[]}, IReadOnlyList{double[]}, IReadOnlyList{string},
    /// IReadOnlyList{double}, IReadOnlyList{bool[]}, IReadOnlyList{double[]})"/>
    public static MultiLabelMetrics Evaluate(
        IReadOnlyList<float[]> labels,
        IReadOnlyList<float[]> scores,
        IReadOnlyList<string>? labelNames = null,
        IReadOnlyList<double>? thresholds = null,
        IReadOnlyList<bool[]>? decisions = null,
        IReadOnlyList<float[]>? ratings = null)
    {
        return Evaluate(Widen(labels), Widen(scores), labelNames, thresholds, decisions,
            ratings is null ? null : Widen(ratings));

        static double[][] Widen(IReadOnlyList<float[]> rows) =>
            [.. rows.Select(r => Array.ConvertAll(r, v => (double)v))];
    }

    /// <summary>A table, one line per label, then the averages.</summary>
    public override string ToString()
    {
        int width = Math.Max(8, LabelNames.Max(n => n.Length)) + 2;
        (string Title, LabelAverages Values)[] columns =
            [("roc auc", RocAuc), ("avg prec", AveragePrecision), ("accuracy", Accuracy),
                ("balanced", BalancedAccuracy), ("f1", F1), ("brier", Brier), ("ece", Ece)];
        columns = Spearman is null ? columns : [.. columns, ("spearman", Spearman)];
        var text = new StringBuilder();
        text.Append("label".PadRight(width)).Append(CultureInfo.InvariantCulture, $"{"present",8}{"positive",9}")
            .AppendLine(string.Concat(columns.Select(c => c.Title.PadLeft(9))));
        for (int j = 0; j < LabelNames.Count; j++)
        {
            text.Append(LabelNames[j].PadRight(width))
                .Append(CultureInfo.InvariantCulture, $"{Present[j],8}{Positives[j],9}");
            AppendValues(v => v.PerLabel[j]);
        }
        AppendAverage("macro", v => v.Macro);
        AppendAverage("weighted", v => v.Weighted);
        AppendAverage("micro", v => v.Micro);
        text.AppendLine(CultureInfo.InvariantCulture, $"hamming {Hamming}, exact match {ExactMatch}");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"over the labels of a clip: roc auc {RocAucSamples}, f1 {F1Samples}");
        // Metrics that lack the same labels for the same reasons share a line.
        foreach (IGrouping<string, string> same in columns.Select(c => (c.Title, Why: LeftOut(c.Values)))
            .Where(c => c.Why.Length > 0).GroupBy(c => c.Why, c => c.Title))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{string.Join(", ", same)} undefined and left out of the means for {same.Key}");
        }
        return text.ToString();

        string LeftOut(LabelAverages values)
        {
            string[] why = [.. LabelNames.Zip(values.PerLabel).Where(p => p.Second.Undefined is not null)
                .Select(p => $"{p.First}: {p.Second.Undefined}")];
            return why.Length == 0 ? ""
                : string.Create(CultureInfo.InvariantCulture,
                $"{why.Length} of {LabelNames.Count} labels ({string.Join("; ", why)})");
        }

        void AppendAverage(string name, Func<LabelAverages, MetricValue> select)
        {
            text.Append(name.PadRight(width)).Append(' ', 17);
            AppendValues(select);
        }

        void AppendValues(Func<LabelAverages, MetricValue> select)
        {
            foreach ((_, LabelAverages values) in columns)
            {
                MetricValue value = select(values);
                text.Append(value.Value is null ? $"{"-",9}" : $"{value.ToString(),9}");
            }
            text.AppendLine();
        }
    }
}
