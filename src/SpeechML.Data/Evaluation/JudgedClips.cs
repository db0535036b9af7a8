using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Evaluation;

/// <summary>
/// Truth and prediction of rated clips, and the metrics that follow from them, ready to be resampled.
/// </summary>
internal abstract class JudgedClips
{
    /// <summary>Clips.</summary>
    public abstract int Rows { get; }

    /// <summary>The metrics of all clips, in the order of tables.</summary>
    public abstract IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> Metrics();

    /// <summary>Some of the clips.</summary>
    public abstract JudgedClips Take(int[] rows);

    /// <summary>
    /// The metrics of some of the clips; the multiplicities that they are given are those of all clips.
    /// </summary>
    public IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> Metrics(int[] rows) =>
        rows.Length == Rows ? Metrics()
            : [.. Take(rows).Metrics().Select(m => (m.Name, (IResampledMetric)new ResampledSubset(m.Metric, rows)))];

    protected static T[] Pick<T>(T[] values, int[] rows) => Array.ConvertAll(rows, i => values[i]);
}

/// <summary>Clips that are positive or not.</summary>
internal sealed class BinaryClips : JudgedClips
{
    private readonly bool[] _positive;
    private readonly double[] _scores;
    private readonly bool[] _decision;

    /// <summary>Checks them.</summary>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a probability out of range: names the
    /// row.</exception>
    public BinaryClips(bool[] positive, double[] scores, bool[]? decision)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            MetricInput.CheckProbability(scores[i], i);
        }
        (_positive, _scores, _decision) = (positive, scores, decision ?? Array.ConvertAll(scores, s => s >= 0.5));
    }

    public override int Rows => _positive.Length;

    public override JudgedClips Take(int[] rows) =>
        new BinaryClips(Pick(_positive, rows), Pick(_scores, rows), Pick(_decision, rows));

    public override IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> Metrics()
    {
        var entries = new LabelEntries(_positive, _scores, _decision);
        var ranked = new Lazy<RankedRows>(() => new RankedRows(_positive, _scores));
        IResampledMetric Of(LabelMetric metric) => LabelMetrics.Resample(metric, entries, ranked, null);
        int[] truth = Array.ConvertAll(_positive, p => p ? 1 : 0),
            decided = Array.ConvertAll(_decision, d => d ? 1 : 0);
        IResampledMetric Counted(Func<ConfusionMatrix, MetricValue> metric) =>
            new ResampledConfusion(truth, decided, 2, metric);
        return
        [
            (SpeechMetric.RocAuc, Of(LabelMetric.RocAuc)),
            (SpeechMetric.AveragePrecision, Of(LabelMetric.AveragePrecision)),
            (SpeechMetric.Accuracy, Of(LabelMetric.Accuracy)),
            (SpeechMetric.BalancedAccuracy, Of(LabelMetric.BalancedAccuracy)),
            (SpeechMetric.Precision, Counted(m => m.Precision(1))),
            (SpeechMetric.Recall, Counted(m => m.Recall(1))),
            (SpeechMetric.Specificity, Of(LabelMetric.Specificity)),
            (SpeechMetric.F1, Of(LabelMetric.F1)),
            (SpeechMetric.Brier, Of(LabelMetric.Brier)),
            (SpeechMetric.Ece, Of(LabelMetric.Ece)),
        ];
    }
}

/// <summary>Clips of one class out of several.</summary>
internal sealed class MulticlassClips : JudgedClips
{
    private const double Epsilon = 2.220446049250313e-16; // as in MulticlassMetrics
    private readonly int[] _truth;
    private readonly double[][] _probabilities;
    private readonly int[] _decision;
    private readonly int _classes;

    /// <summary>Checks them.</summary>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a class out of range, probabilities that are
    /// none: names the row.</exception>
    public MulticlassClips(int[] truth, double[][] probabilities, int[]? decision, int classes)
    {
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckClass("Label", truth[i], classes, i);
            MetricInput.CheckProbabilities(probabilities[i], i);
        }
        (_truth, _probabilities, _decision, _classes) =
            (truth, probabilities, decision ?? Array.ConvertAll(probabilities, p => Array.IndexOf(p, p.Max())),
            classes);
    }

    public override int Rows => _truth.Length;

    public override JudgedClips Take(int[] rows) =>
        new MulticlassClips(Pick(_truth, rows), Pick(_probabilities, rows), Pick(_decision, rows), _classes);

    public override IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> Metrics()
    {
        IResampledMetric Counted(Func<ConfusionMatrix, MetricValue> metric) =>
            new ResampledConfusion(_truth, _decision, _classes, metric);
        IResampledMetric Auc(int c) =>
            new ResampledRocAuc(Array.ConvertAll(_truth, t => t == c), Array.ConvertAll(_probabilities, p => p[c]));
        double[] confidence = Array.ConvertAll(_probabilities, p => p.Max());
        double[] right = [.. _truth.Zip(_probabilities, (t, p) => t == Array.IndexOf(p, p.Max()) ? 1.0 : 0.0)];
        return
        [
            (SpeechMetric.Accuracy, Counted(m => m.Accuracy)),
            (SpeechMetric.BalancedAccuracy, Counted(m => m.BalancedAccuracy)),
            (SpeechMetric.RocAuc, _classes == 2 ? Auc(1)
            : new ResampledMacro([.. Enumerable.Range(0, _classes)
            .Select(c => (FormattableString.Invariant($"class {c}"), Auc(c)))])),
            (SpeechMetric.F1, Counted(m => Enumerable.Range(0, _classes).Average(m.F1))),
            (SpeechMetric.Mcc, Counted(m => m.Mcc)),
            (SpeechMetric.Kappa, Counted(m => m.Kappa(0))),
            (SpeechMetric.LogLoss, new ResampledMean(
            [.. _truth.Zip(_probabilities, (t, p) => -Math.Log(Math.Clamp(p[t], Epsilon, 1 - Epsilon)))])),
            (SpeechMetric.Brier, new ResampledMean(
            [.. _truth.Zip(_probabilities,
            (t, p) => p.Select((v, c) => (v - (c == t ? 1 : 0)) * (v - (c == t ? 1 : 0))).Sum())])),
            (SpeechMetric.Ece, new ResampledCalibrationError(right, confidence)),
        ];
    }
}

/// <summary>Clips of one class out of several that have an order.</summary>
internal sealed class OrdinalClips : JudgedClips
{
    private readonly int[] _truth;
    private readonly int[] _decision;
    private readonly int _classes;
    private readonly double[][]? _above;

    /// <summary>Checks them.</summary>
    /// <param name="truth">Class numbers from 0.</param>
    /// <param name="decision">Class numbers from 0.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="above">Per clip P(class &gt; k) for k = 0 … K - 2; <see langword="null"/> where not known.</param>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a class out of range: names the row.</exception>
    public OrdinalClips(int[] truth, int[] decision, int classes, double[][]? above)
    {
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckClass("Class", truth[i], classes, i);
            MetricInput.CheckClass("Class", decision[i], classes, i);
        }
        (_truth, _decision, _classes, _above) = (truth, decision, classes, above);
    }

    public override int Rows => _truth.Length;

    public override JudgedClips Take(int[] rows) =>
        new OrdinalClips(Pick(_truth, rows), Pick(_decision, rows), _classes,
        _above is null ? null : Pick(_above, rows));

    public override IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> Metrics()
    {
        IResampledMetric Counted(Func<ConfusionMatrix, MetricValue> metric) =>
            new ResampledConfusion(_truth, _decision, _classes, metric);
        var metrics = new List<(SpeechMetric, IResampledMetric)>
        {
            (SpeechMetric.Accuracy, Counted(m => m.Accuracy)),
            (SpeechMetric.BalancedAccuracy, Counted(m => m.BalancedAccuracy)),
            (SpeechMetric.Mae, Counted(m => m.Mae)),
            (SpeechMetric.MacroMae, Counted(m => m.MacroMae)),
            (SpeechMetric.WithinOne, Counted(m => m.WithinOne)),
            (SpeechMetric.Kappa, Counted(m => m.Kappa(0))),
            (SpeechMetric.KappaLinear, Counted(m => m.Kappa(1))),
            (SpeechMetric.KappaQuadratic, Counted(m => m.Kappa(2))),
            (SpeechMetric.Spearman, Counted(m => m.Spearman)),
            (SpeechMetric.Kendall, Counted(m => m.Kendall)),
        };
        if (_above is not null)
        {
            IResampledMetric Auc(int k) =>
                new ResampledRocAuc(Array.ConvertAll(_truth, t => t > k), Array.ConvertAll(_above, p => p[k]));
            metrics.Add((SpeechMetric.RocAuc,
                new ResampledMacro([.. Enumerable.Range(0, _classes - 1)
                .Select(k => (FormattableString.Invariant($"above class {k}"), Auc(k)))])));
        }
        return metrics;
    }
}

/// <summary>Clips with a number.</summary>
internal sealed class RegressionClips : JudgedClips
{
    private readonly double[] _truth;
    private readonly double[] _predicted;

    /// <summary>Checks them.</summary>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a value that is not finite: names the
    /// row.</exception>
    public RegressionClips(double[] truth, double[] predicted)
    {
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckFinite(truth[i], i);
            MetricInput.CheckFinite(predicted[i], i);
        }
        (_truth, _predicted) = (truth, predicted);
    }

    public override int Rows => _truth.Length;

    public override JudgedClips Take(int[] rows) => new RegressionClips(Pick(_truth, rows), Pick(_predicted, rows));

    public override IReadOnlyList<(SpeechMetric Name, IResampledMetric Metric)> Metrics()
    {
        IResampledMetric Moments(SpeechMetric metric) => new ResampledMoments(metric, _truth, _predicted);
        return
        [
            (SpeechMetric.Mae, new ResampledMean([.. _truth.Zip(_predicted, (t, p) => Math.Abs(t - p))])),
            (SpeechMetric.Rmse, Moments(SpeechMetric.Rmse)),
            (SpeechMetric.R2, Moments(SpeechMetric.R2)),
            (SpeechMetric.Ccc, Moments(SpeechMetric.Ccc)),
            (SpeechMetric.Pearson, Moments(SpeechMetric.Pearson)),
            (SpeechMetric.Spearman, new ResampledSpearman(_truth, _predicted)),
            (SpeechMetric.Kendall, new ResampledKendall(_truth, _predicted)),
        ];
    }
}
