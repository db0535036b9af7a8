using SpeechML.Data;

namespace SpeechML.Metrics;

/// <summary>
/// A percentile interval by resampling subjects with replacement: the clips of a subject stay together, and a subject drawn twice brings its clips
/// twice. Resamples without a value are dropped and counted.
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
    public static SubjectBootstrap Run(IReadOnlyList<string> subjects, IResampledMetric metric, IReadOnlyList<int[]> draws)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] subjectOfRow = [.. subjects.Select(s => numbers.TryGetValue(s, out int n) ? n : numbers[s] = numbers.Count)];
        int[] multiplicity = new int[subjects.Count], timesDrawn = new int[numbers.Count];
        Array.Fill(multiplicity, 1);
        MetricValue estimate = metric.Value(multiplicity);
        var values = new MetricValue[draws.Count];
        for (int d = 0; d < draws.Count; d++)
        {
            Array.Clear(timesDrawn);
            foreach (int subject in draws[d])
            {
                timesDrawn[subject]++;
            }
            for (int i = 0; i < multiplicity.Length; i++)
            {
                multiplicity[i] = timesDrawn[subjectOfRow[i]];
            }
            values[d] = metric.Value(multiplicity);
        }
        double[] sorted = [.. values.Where(v => v.Value is not null).Select(v => v.Value!.Value).Order()];
        return new SubjectBootstrap(estimate, values, Percentile(sorted, 0.025), Percentile(sorted, 0.975));
    }

    /// <summary>Evaluates a metric on resamples drawn from a seed.</summary>
    public static SubjectBootstrap Run(IReadOnlyList<string> subjects, IResampledMetric metric, int resamples, long seed)
    {
        int count = subjects.Distinct(StringComparer.Ordinal).Count();
        var random = new SeededRandom((ulong)seed);
        return Run(subjects, metric, [.. Enumerable.Range(0, resamples).Select(_ => Enumerable.Range(0, count).Select(_ => random.Next(count)).ToArray())]);
    }

    private static MetricValue Percentile(double[] sorted, double share)
    {
        if (sorted.Length == 0)
        {
            return MetricValue.Because("no resample has a value");
        }
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + ((position - below) * (sorted[below + 1] - sorted[below]));
    }
}
