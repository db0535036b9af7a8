namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>
/// A 95 % percentile interval of one metric on given draws of subjects. Resamples without a value are dropped and
/// counted.
/// </summary>
/// <param name="Estimate">The metric on all clips.</param>
/// <param name="Values">The metric of each resample.</param>
/// <param name="Low">2.5 percentile of the resamples that have a value, linear between order statistics.</param>
/// <param name="High">97.5 percentile.</param>
internal sealed record SubjectBootstrap(MetricValue Estimate, MetricValue[] Values, MetricValue Low, MetricValue High)
{
    /// <summary>Resamples without a value.</summary>
    public int UndefinedResamples => Values.Count(v => v.Value is null);

    /// <summary>Evaluates a metric on given draws.</summary>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="metric">The metric on clips with multiplicities.</param>
    /// <param name="draws">Subject numbers, in the order of first appearance; one array per resample.</param>
    public static SubjectBootstrap Run(
        IReadOnlyList<string> subjects, IResampledMetric metric, IReadOnlyList<int[]> draws)
    {
        ResampledStatistic statistic = SubjectResampling.Run(new SubjectIndex(subjects), [metric], draws)[0];
        double[] sorted = statistic.Sorted();
        return new SubjectBootstrap(
            statistic.Estimate, statistic.Values, ResampledStatistic.Percentile(sorted, 0.025),
            ResampledStatistic.Percentile(sorted, 0.975));
    }
}
