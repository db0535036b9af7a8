using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML;

/// <summary>A metric with its confidence interval.</summary>
/// <param name="Estimate">The value on all clips.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">The share of such intervals that hold the true value: 0.95.</param>
/// <param name="Resamples">Number of resamples.</param>
/// <param name="UndefinedResamples">Resamples in which the metric has no value; they are left out.</param>
public sealed record MetricInterval(
    MetricValue Estimate, MetricValue Low, MetricValue High, double Confidence, int Resamples, int UndefinedResamples)
{
    /// <summary><c>0.8123 [0.7511, 0.8634]</c>; resamples without a value are said.</summary>
    public override string ToString() => MetricIntervalText.Of(Estimate, Low, High, Resamples, UndefinedResamples);
}

/// <summary>
/// The difference of two metrics on the same clips (or of two groups of clips) with its confidence interval.
/// </summary>
/// <param name="Estimate">First minus second, on all clips.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="PValue">Two-sided: twice the share of resamples on the other side of 0, the data themselves counted as
/// one; at least 2 / (resamples + 1).</param>
/// <param name="Confidence">The share of such intervals that hold the true value: 0.95.</param>
/// <param name="Resamples">Number of resamples.</param>
/// <param name="UndefinedResamples">Resamples in which the difference has no value; they are left out.</param>
public sealed record MetricDifference(
    MetricValue Estimate, MetricValue Low, MetricValue High, MetricValue PValue, double Confidence, int Resamples,
    int UndefinedResamples)
{
    /// <summary><c>0.0312 [-0.0021, 0.0644], p 0.0640</c>; resamples without a value are said.</summary>
    public override string ToString() =>
        $"{MetricIntervalText.Of(Estimate, Low, High, Resamples, UndefinedResamples)}" +
        $"{(PValue.Value is null ? "" : $", p {PValue}")}";
}
