using System.Diagnostics;
using System.Globalization;
using SpeechML.Audio.Common;

namespace SpeechML.Benchmarks;

internal static class JudgingBenchmarks
{
    private static readonly SpeechMetric[] s_auc = [SpeechMetrics.RocAuc];

    /// <summary>
    /// 2,000 resamples of 5 labels on 10,000 clips of 500 subjects: AUC alone, then all metrics, by both methods; and
    /// 10,000 subjects of one clip for the jackknife.
    /// </summary>
    public static void Intervals()
    {
        ClusteredClips few = ClusteredClips.Draw(new SeededRandom(1), 500, 20, 5),
            many = ClusteredClips.Draw(new SeededRandom(2), 10_000, 1, 5);
        Time("AUC, percentile", few, s_auc, IntervalMethod.Percentile);
        Time("AUC, BCa", few, s_auc, IntervalMethod.Bca);
        Time("all metrics, percentile", few, SpeechMetrics.For(SpeechTask.MultiLabel), IntervalMethod.Percentile);
        Time("all metrics, BCa", few, SpeechMetrics.For(SpeechTask.MultiLabel), IntervalMethod.Bca);
        Time("AUC, BCa, 10,000 subjects", many, s_auc, IntervalMethod.Bca);

        static void Time(string name, ClusteredClips clips, IReadOnlyList<SpeechMetric> metrics, IntervalMethod method)
        {
            long start = Stopwatch.GetTimestamp();
            var options = new SubjectBootstrapOptions { Method = method };
            MultiLabelIntervals intervals =
                MultiLabelIntervals.Evaluate(
                clips.Subjects, clips.Labels, clips.Scores, metrics: metrics, options: options);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{"intervals",-28} {seconds,7:F2} s  {name}; macro AUC " +
                $"{intervals.Metrics[SpeechMetrics.RocAuc].Macro}"));
        }
    }

    /// <summary>
    /// How often a 95 % interval holds the true value, on clips of subjects who differ: resampling subjects by both
    /// methods, and resampling clips as if each were a subject of its own.
    /// </summary>
    public static void Coverage()
    {
        const int Trials = 1000, Resamples = 1000;
        // The true value: the metric on so many subjects that its own error does not matter.
        ClusteredClips population = ClusteredClips.Draw(new SeededRandom(3), 200_000, 8, 1);
        foreach (SpeechMetric metric in new[] { SpeechMetrics.RocAuc, SpeechMetrics.BalancedAccuracy,
            SpeechMetrics.Brier })
        {
            double truth = MultiLabelIntervals.Evaluate(
                population.Subjects, population.Labels, population.Scores, metrics: [metric],
                options: new SubjectBootstrapOptions { Resamples = 1, Method = IntervalMethod.Percentile })
                .Metrics[metric].Macro.Estimate.Value!.Value;
            foreach (int subjects in new[] { 40, 100 })
            {
                var random = new SeededRandom(4);
                int[] held = new int[3];
                for (int t = 0; t < Trials; t++)
                {
                    ClusteredClips clips = ClusteredClips.Draw(random, subjects, 8, 1);
                    string[] asIfEachWereOne = [.. clips.Subjects.Select((_, i) => $"clip {i}")];
                    Count(0, clips.Subjects, IntervalMethod.Percentile);
                    Count(1, clips.Subjects, IntervalMethod.Bca);
                    Count(2, asIfEachWereOne, IntervalMethod.Percentile);

                    void Count(int way, string[] names, IntervalMethod method)
                    {
                        MetricInterval interval = MultiLabelIntervals.Evaluate(
                            names, clips.Labels, clips.Scores, metrics: [metric],
                            options: new SubjectBootstrapOptions
                            {
                                Resamples = Resamples,
                                Method = method,
                                Seed = t
                            }).Metrics[metric].Macro;
                        held[way] += interval.Low.Value <= truth && truth <= interval.High.Value ? 1 : 0;
                    }
                }
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"coverage {metric,-17} true {truth:F4}, {subjects,3} subjects of 8 clips: subjects " +
                    $"{held[0] / 10.0:F1} % (percentile), {held[1] / 10.0:F1} % (BCa); clips {held[2] / 10.0:F1} %"));
            }
        }
    }
}
