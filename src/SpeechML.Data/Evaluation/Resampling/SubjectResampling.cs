using SpeechML.Audio.Common;
using SpeechML.Data.Interop;

namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>
/// Metrics on resamples of the subjects. The clips of a subject stay together: a subject drawn twice brings its clips
/// twice. Resamples run on all cores; each has a random stream of its own,
/// so that the result does not depend on their number.
/// </summary>
internal static class SubjectResampling
{
    /// <summary>
    /// Evaluates metrics on the clips as they are, on resamples and, where asked for, without each subject in turn.
    /// </summary>
    public static ResampledStatistic[] Run(
        SubjectIndex subjects, IReadOnlyList<WeightedMetric> metrics, int resamples, long seed, bool jackknife,
        Cancellation cancellation = default)
    {
        var random = new SeededRandom((ulong)seed);
        ulong[] seeds = new ulong[resamples];
        for (int d = 0; d < resamples; d++)
        {
            seeds[d] = random.NextBits();
        }
        return Run(subjects, metrics, resamples, jackknife, cancellation, (d, times) =>
        {
            var stream = new SeededRandom(seeds[d]);
            for (int k = 0; k < times.Length; k++)
            {
                times[stream.Next(times.Length)]++;
            }
        });
    }

    /// <summary>The same on given draws.</summary>
    /// <param name="subjects">Whose the clips are.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="draws">Subject numbers, one array per resample.</param>
    public static ResampledStatistic[] Run(
        SubjectIndex subjects, IReadOnlyList<WeightedMetric> metrics, IReadOnlyList<int[]> draws) =>
        Run(subjects, metrics, draws.Count, jackknife: false, default, (d, times) =>
        {
            foreach (int subject in draws[d])
            {
                times[subject]++;
            }
        });

    private static ResampledStatistic[] Run(
        SubjectIndex subjects, IReadOnlyList<WeightedMetric> metrics, int resamples, bool jackknife,
        Cancellation cancellation, Action<int, int[]> draw)
    {
        int count = subjects.Names.Count;
        MetricValue[][] values = Table(metrics.Count, resamples), without = Table(metrics.Count, jackknife ? count : 0);
        int[] once = new int[subjects.OfRow.Length];
        Array.Fill(once, 1);
        MetricValue[] estimates = [.. metrics.Select(m => Estimate(m, once, cancellation))];
        ForEach(subjects, resamples, cancellation, (d, buffers) =>
        {
            Array.Clear(buffers.Subjects);
            draw(d, buffers.Subjects);
            buffers.Evaluate(subjects, metrics, values, d, cancellation);
        });
        ForEach(subjects, jackknife ? count : 0, cancellation, (s, buffers) =>
        {
            Array.Fill(buffers.Subjects, 1);
            buffers.Subjects[s] = 0;
            buffers.Evaluate(subjects, metrics, without, s, cancellation);
        });
        return [.. metrics.Select((_, m) => new ResampledStatistic(estimates[m], values[m], without[m]))];
    }

    private static MetricValue Estimate(WeightedMetric metric, int[] once, Cancellation cancellation)
    {
        cancellation.ThrowIfRequested();
        return metric(once);
    }

    private static void ForEach(
        SubjectIndex subjects, int count, Cancellation cancellation, Action<int, Buffers> evaluate)
    {
        Parallel.For(0, count, () => new Buffers(subjects), (i, state, buffers) =>
        {
            // What is thrown in here would be an AggregateException.
            if (cancellation.IsRequested)
            {
                state.Stop();
                return buffers;
            }
            evaluate(i, buffers);
            return buffers;
        }, _ => { });
        cancellation.ThrowIfRequested();
    }

    private static MetricValue[][] Table(int rows, int columns) =>
        [.. Enumerable.Range(0, rows).Select(_ => new MetricValue[columns])];

    private sealed class Buffers(SubjectIndex subjects)
    {
        private readonly int[] _rows = new int[subjects.OfRow.Length];

        public int[] Subjects { get; } = new int[subjects.Names.Count];

        public void Evaluate(SubjectIndex index, IReadOnlyList<WeightedMetric> metrics, MetricValue[][] values,
            int column, Cancellation cancellation)
        {
            index.Expand(Subjects, _rows);
            for (int m = 0; m < metrics.Count && !cancellation.IsRequested; m++)
            {
                values[m][column] = metrics[m](_rows);
            }
        }
    }
}
