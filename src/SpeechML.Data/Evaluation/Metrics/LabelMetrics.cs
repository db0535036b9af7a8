using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>Makes metrics that can be resampled.</summary>
internal static class LabelMetrics
{
    /// <summary>The metric of the rows named; the multiplicities that it is given are those of all rows.</summary>
    public static IResampledMetric Resample(
        LabelMetric metric, LabelEntries entries, Lazy<RankedRows> ranked, int[]? rows)
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
