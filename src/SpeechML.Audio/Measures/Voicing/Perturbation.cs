using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>Jitter and shimmer of pulses.</summary>
internal static class Perturbation
{
    public static JitterMeasures Jitter(IReadOnlyList<double> pulses, PerturbationOptions options)
    {
        double[] periods = Differences(pulses);
        var good = new List<double>();
        for (int i = 0; i < periods.Length; i++)
        {
            if (IsPeriod(periods, i, options))
            {
                good.Add(periods[i]);
            }
        }
        double mean = MeasureMath.Mean(good);
        bool[] joined = [.. Enumerable.Range(0, periods.Length).Select(i => IsLength(periods[i], options)
            && i + 1 < periods.Length && IsLength(periods[i + 1], options)
            && Ratio(periods[i], periods[i + 1]) <= options.PeriodFactor)];
        double absolute = MeanOfRuns(periods, joined, 2, run => Math.Abs(run[1] - run[0]));
        double rap = MeanOfRuns(periods, joined, 3, FromMean) / mean;
        double ppq5 = MeanOfRuns(periods, joined, 5, FromMean) / mean;
        return new JitterMeasures(
            absolute / mean, absolute, rap, ppq5, 3 * rap, mean, MeasureMath.Deviation(good), good.Count);
    }

    public static PulseAmplitudes Amplitudes(
        SampleSignal signal, IReadOnlyList<double> pulses, PerturbationOptions options)
    {
        const double Part = 0.2;
        double rate = signal.Rate;
        List<double> times = [], values = [];
        for (int i = 1; i < pulses.Count - 1; i++)
        {
            double left = pulses[i] - pulses[i - 1], right = pulses[i + 1] - pulses[i];
            if (Math.Min(left, right) < options.ShortestPeriod || Math.Max(left, right) > options.LongestPeriod
                || Ratio(left, right) > options.PeriodFactor)
            {
                continue;
            }
            double before = Part * left, after = Part * right;
            long from = Math.Max(0, (long)Math.Ceiling(((pulses[i] - before) * rate) - 0.5));
            long to = Math.Min(signal.Length - 1, (long)Math.Floor(((pulses[i] + after) * rate) - 0.5));
            if (to - from + 1 < 3)
            {
                continue;
            }
            ReadOnlySpan<double> part = signal.Read(from, (int)(to - from) + 1);
            double sum = 0, weights = 0;
            for (int k = 0; k < part.Length; k++)
            {
                double offset = ((from + k + 0.5) / rate) - pulses[i];
                double weight = 0.5 + (0.5 * Math.Cos(Math.PI * offset / (offset < 0 ? before : after)));
                sum += part[k] * weight * (part[k] * weight);
                weights += weight * weight;
            }
            times.Add(pulses[i]);
            values.Add(Math.Sqrt(sum / weights));
        }
        return new PulseAmplitudes(times, values);
    }

    public static ShimmerMeasures Shimmer(PulseAmplitudes amplitudes, PerturbationOptions options)
    {
        double[] a = [.. amplitudes.Values];
        double[] periods = Differences(amplitudes.Times);
        bool[] joined = new bool[a.Length];
        double db = 0;
        int steps = 0;
        for (int i = 0; i + 1 < a.Length; i++)
        {
            // Silent pulses (0 / 0) join nothing.
            joined[i] = IsLength(periods[i], options) && Ratio(a[i], a[i + 1]) <= options.AmplitudeFactor;
            if (joined[i])
            {
                db += 20 * Math.Abs(Math.Log10(a[i + 1] / a[i]));
                steps++;
            }
        }
        double mean = a.Length < 2 ? double.NaN : MeasureMath.Mean(a[..^1]);
        double Of(int count, Func<ReadOnlySpan<double>, double> measure) =>
            MeanOfRuns(a, joined, count, measure) / mean;
        double apq3 = Of(3, FromMean);
        return new ShimmerMeasures(Of(2, run => Math.Abs(run[1] - run[0])), steps == 0 ? double.NaN : db / steps, apq3,
            Of(5, FromMean), Of(11, FromMean), 3 * apq3);
    }

    /// <summary>Gaps between pulses beyond a period: their number, and their length as a share of a duration.</summary>
    public static (int Count, double Degree) VoiceBreaks(
        IReadOnlyList<double> pulses, double duration, double longestPeriod)
    {
        int count = 0;
        double length = 0;
        foreach (double gap in Differences(pulses))
        {
            if (gap > longestPeriod)
            {
                count++;
                length += gap;
            }
        }
        return (count, duration > 0 ? length / duration : double.NaN);
    }

    private static double[] Differences(IReadOnlyList<double> times)
    {
        double[] result = new double[Math.Max(0, times.Count - 1)];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = times[i + 1] - times[i];
        }
        return result;
    }

    private static double Ratio(double a, double b) => Math.Max(b / a, a / b);

    private static bool IsLength(double period, PerturbationOptions options) =>
        period >= options.ShortestPeriod && period <= options.LongestPeriod;

    /// <summary>
    /// Whether an interval is a period: of a length within limits, and not out of proportion to both neighbours. At an
    /// end the one neighbour is forgiven.
    /// </summary>
    private static bool IsPeriod(double[] periods, int i, PerturbationOptions options) =>
        IsLength(periods[i], options) && (i == 0 || i == periods.Length - 1
            || Ratio(periods[i - 1], periods[i]) <= options.PeriodFactor
            || Ratio(periods[i], periods[i + 1]) <= options.PeriodFactor);

    private static double FromMean(ReadOnlySpan<double> run)
    {
        double sum = 0;
        foreach (double value in run)
        {
            sum += value;
        }
        return Math.Abs(run[run.Length / 2] - (sum / run.Length));
    }

    /// <summary>The mean over all runs of so many values each joined to the next; NaN where there are none.</summary>
    private static double MeanOfRuns(
        double[] values, bool[] joined, int count, Func<ReadOnlySpan<double>, double> measure)
    {
        double sum = 0;
        int runs = 0;
        for (int i = 0; i + count <= values.Length; i++)
        {
            if (!joined.AsSpan(i, count - 1).Contains(false))
            {
                sum += measure(values.AsSpan(i, count));
                runs++;
            }
        }
        return runs == 0 ? double.NaN : sum / runs;
    }
}
