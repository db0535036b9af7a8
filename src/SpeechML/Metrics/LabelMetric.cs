using SpeechML.Metrics;

namespace SpeechML;

/// <summary>A metric of one label, present or not.</summary>
public enum LabelMetric
{
    /// <summary>Area under the ROC curve.</summary>
    RocAuc,

    /// <summary>Average precision.</summary>
    AveragePrecision,

    /// <summary>Share of right decisions.</summary>
    Accuracy,

    /// <summary>Mean recall of the classes that occur.</summary>
    BalancedAccuracy,

    /// <summary>F1 of the positive class.</summary>
    F1,

    /// <summary>Recall of the positive class.</summary>
    Sensitivity,

    /// <summary>Recall of the negative class.</summary>
    Specificity,

    /// <summary>Mean squared distance of probability and outcome; lower is better.</summary>
    Brier,

    /// <summary>Expected calibration error over 15 groups of equal width; lower is better.</summary>
    Ece,
}

/// <summary>Makes metrics that can be resampled.</summary>
internal static class LabelMetrics
{
    /// <summary>The metric of the rows named; the multiplicities that it is given are those of all rows.</summary>
    public static IResampledMetric Resample(LabelMetric metric, LabelEntries entries, Lazy<RankedRows> ranked, int[]? rows)
    {
        double[] outcome = Array.ConvertAll(entries.Positive, p => p ? 1.0 : 0.0);
        IResampledMetric inner = metric switch
        {
            LabelMetric.RocAuc => new ResampledRocAuc(ranked.Value),
            LabelMetric.AveragePrecision => new ResampledAveragePrecision(ranked.Value),
            LabelMetric.Brier => new ResampledBrier(outcome, entries.Scores),
            LabelMetric.Ece => new ResampledCalibrationError(outcome, entries.Scores),
            _ => new ResampledDecisions(metric, entries.Positive, entries.Decision),
        };
        return rows is null ? inner : new ResampledSubset(inner, rows);
    }
}
