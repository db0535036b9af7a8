namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>
/// A metric on all clips, on resamples of the subjects, and without each subject in turn (empty where not asked for).
/// </summary>
internal sealed record ResampledStatistic(MetricValue Estimate, MetricValue[] Values, MetricValue[] Jackknife)
{
    private const string OneSubject = "one subject";
    private const string NoValue = "no resample has a value";

    /// <summary>
    /// How many subjects have clips in the figure. The clips of one subject say nothing of the variance between
    /// subjects: however often it is drawn, the figure stays the same, and its interval would have no width.
    /// </summary>
    public int Subjects { get; init; } = int.MaxValue;

    /// <summary>
    /// The mean over labels that have a value on all clips. A resample in which one of them has none is undefined: a
    /// mean over fewer labels would be another figure.
    /// </summary>
    public static ResampledStatistic Mean(IReadOnlyList<ResampledStatistic> labels)
    {
        ResampledStatistic[] used = [.. labels.Where(l => l.Estimate.Value is not null)];
        if (used.Length == 0)
        {
            MetricValue none = MetricValue.Because("no label has a value");
            return new ResampledStatistic(
                none, [.. labels[0].Values.Select(_ => none)], [.. labels[0].Jackknife.Select(_ => none)])
            {
                Subjects = labels[0].Subjects,
            };
        }
        return new ResampledStatistic(
            Average(used.Select(l => l.Estimate)),
            [.. used[0].Values.Select((_, d) => Average(used.Select(l => l.Values[d])))],
            [.. used[0].Jackknife.Select((_, s) => Average(used.Select(l => l.Jackknife[s])))])
        {
            Subjects = used.Max(l => l.Subjects),
        };
    }

    /// <summary>The difference of two, resample by resample.</summary>
    public static ResampledStatistic Difference(ResampledStatistic first, ResampledStatistic second) => new(
        Minus(first.Estimate, second.Estimate),
        [.. first.Values.Zip(second.Values, Minus)],
        [.. first.Jackknife.Zip(second.Jackknife, Minus)])
    {
        Subjects = Math.Min(first.Subjects, second.Subjects),
    };

    /// <summary>
    /// The interval in which the middle share of the resamples lies; those without a value are left out and counted.
    /// </summary>
    public MetricInterval ToInterval(SubjectBootstrapOptions options)
    {
        if (Subjects < 2 && Estimate.Value is not null)
        {
            MetricValue none = MetricValue.Because(OneSubject);
            return new MetricInterval(Estimate, none, none, options.Confidence, 0, 0);
        }
        double[] sorted = Sorted();
        double tail = (1 - options.Confidence) / 2;
        (MetricValue low, MetricValue high) = options.Method == IntervalMethod.Percentile || Estimate.Value is null
            ? (Percentile(sorted, tail), Percentile(sorted, 1 - tail))
            : Accelerated(sorted, tail);
        return Estimate.Value is null
            ? new MetricInterval(Estimate, Estimate, Estimate, options.Confidence, Values.Length,
                Values.Length - sorted.Length)
            : new MetricInterval(Estimate, low, high, options.Confidence, Values.Length, Values.Length - sorted.Length);
    }

    /// <summary>The same of a difference, with the share of resamples on the other side of 0, times two.</summary>
    public MetricDifference ToDifference(SubjectBootstrapOptions options)
    {
        MetricInterval interval = ToInterval(options);
        double[] sorted = Subjects < 2 ? [] : Sorted();
        // (k + 1) / (n + 1): the data themselves count as one resample, so that no p-value is 0
        double below = sorted.Count(v => v <= 0) + 1, above = sorted.Count(v => v >= 0) + 1;
        MetricValue p = Estimate.Value is null ? Estimate : sorted.Length == 0
            ? MetricValue.Because(Subjects < 2 ? OneSubject : NoValue)
            : Math.Min(1, 2 * Math.Min(below, above) / (sorted.Length + 1));
        return new MetricDifference(
            interval.Estimate, interval.Low, interval.High, p, interval.Confidence, interval.Resamples,
            interval.UndefinedResamples);
    }

    /// <summary>Linear between order statistics, as NumPy's percentile.</summary>
    public static MetricValue Percentile(double[] sorted, double share)
    {
        if (sorted.Length == 0)
        {
            return MetricValue.Because(NoValue);
        }
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 == sorted.Length ? sorted[below]
            : sorted[below] + ((position - below) * (sorted[below + 1] - sorted[below]));
    }

    public double[] Sorted() => [.. Values.Where(v => v.Value is not null).Select(v => v.Value!.Value).Order()];

    // Efron 1987: bias from the share of resamples below the estimate (ties half), acceleration from the jackknife over
    // subjects
    private (MetricValue Low, MetricValue High) Accelerated(double[] sorted, double tail)
    {
        double estimate = Estimate.Value!.Value;
        double below = (sorted.Count(v => v < estimate) + sorted.Count(v => v <= estimate)) / (2.0 * sorted.Length);
        if (!(below > 0 && below < 1))
        {
            MetricValue why = MetricValue.Because(
                sorted.Length == 0 ? NoValue : "the estimate lies outside all resamples");
            return (why, why);
        }
        double bias = NormalDistribution.Quantile(below), acceleration = Acceleration();
        MetricValue End(double share)
        {
            double z = bias + NormalDistribution.Quantile(share);
            return Percentile(sorted, NormalDistribution.Cdf(bias + (z / (1 - (acceleration * z)))));
        }
        return (End(tail), End(1 - tail));
    }

    private double Acceleration()
    {
        double[] left = [.. Jackknife.Where(v => v.Value is not null).Select(v => v.Value!.Value)];
        if (left.Length == 0)
        {
            return 0;
        }
        // The acceleration has no unit: values are scaled by a power of two, so that cubes neither overflow nor vanish.
        int exponent = left.Max(v => v == 0 ? int.MinValue : Math.ILogB(v));
        left = exponent == int.MinValue ? left : Array.ConvertAll(left, v => Math.ScaleB(v, -exponent));
        double mean = left.Average(), squares = left.Sum(v => (mean - v) * (mean - v)),
            cubes = left.Sum(v => Math.Pow(mean - v, 3));
        return squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
    }

    private static MetricValue Average(IEnumerable<MetricValue> values)
    {
        double sum = 0;
        int count = 0;
        foreach (MetricValue value in values)
        {
            if (value.Value is not double number)
            {
                return value;
            }
            sum += number;
            count++;
        }
        return sum / count;
    }

    private static MetricValue Minus(MetricValue a, MetricValue b) =>
        a.Value is not double x ? a : b.Value is not double y ? b : x - y;
}
