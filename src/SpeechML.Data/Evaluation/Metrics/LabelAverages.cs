namespace SpeechML;

/// <summary>One metric over several labels.</summary>
/// <param name="PerLabel">The value of each label over its present entries.</param>
/// <param name="Macro">Mean over the labels that have a value.</param>
/// <param name="Weighted">The same mean weighted by the labels' positives.</param>
/// <param name="Micro">The value over all present entries pooled.</param>
public sealed record LabelAverages(
    IReadOnlyList<MetricValue> PerLabel, MetricValue Macro, MetricValue Weighted, MetricValue Micro)
{
    /// <summary>How many labels have a value and take part in the means.</summary>
    public int LabelsUsed => PerLabel.Count(v => v.Value is not null);

    /// <summary>Mean over the labels that have a value.</summary>
    internal static MetricValue Mean(IReadOnlyList<MetricValue> perLabel)
    {
        double[] values = [.. perLabel.Select(v => v.Value).OfType<double>()];
        return values.Length == 0 ? MetricValue.Because("no label has a value") : values.Sum() / values.Length;
    }

    internal static LabelAverages Of(IReadOnlyList<MetricValue> perLabel, IReadOnlyList<int> weight, MetricValue micro)
    {
        double weighted = 0, weights = 0;
        for (int j = 0; j < perLabel.Count; j++)
        {
            if (perLabel[j].Value is double value)
            {
                weighted += weight[j] * value;
                weights += weight[j];
            }
        }
        MetricValue mean = Mean(perLabel);
        return new LabelAverages(
            perLabel,
            mean,
            mean.Value is null ? mean : weights == 0 ? MetricValue.Because("no positives") : weighted / weights,
            micro);
    }
}
