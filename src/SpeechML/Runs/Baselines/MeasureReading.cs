using Microsoft.ML;
using SpeechML.Data.Evaluation.Association;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Data.Extras;
using SpeechML.Data.Measures;
using SpeechML.Runs.Scoring;
using SpeechML.Tasks;

namespace SpeechML.Runs.Baselines;

/// <summary>Reads the measures of a run's clips: by label, by what a linear model needs, clip by clip.</summary>
internal static class MeasureReading
{
    /// <summary>Name and unit of each number.</summary>
    public static (string Name, string Unit)[] Names(DataViewSchema schema, IReadOnlyList<ExtraFeature> features) =>
        [.. features.SelectMany(f =>
        {
            (string Name, string Unit)[] slots = MeasureShapes.Slots(schema[f.Column]);
            return features.Count == 1 || (f.Size == 1 && f.Slots is null) ? slots
                : Array.ConvertAll(slots, s => (f.Slots is null ? $"{f.Column}: {s.Name}" : s.Name, s.Unit));
        })];

    /// <summary>The measures of the training clips by what was learned.</summary>
    /// <param name="task">What was learned.</param>
    /// <param name="labels">Names of labels or classes.</param>
    /// <param name="known">The training clips.</param>
    /// <param name="measures">Names and units.</param>
    /// <param name="options">Resamples, method, seed.</param>
    public static MeasureTable ByLabel(
        TaskDescription task, string[] labels, BaselineData known, (string Name, string Unit)[] measures,
        SubjectBootstrapOptions options)
    {
        IReadOnlyList<double?[]> truth = known.Truth;
        IEnumerable<ComparedLabel> compared = task.Task switch
        {
            SpeechTask.Regression =>
                labels.Select((l, j) => new ComparedLabel(l, null, [.. truth.Select(t => t[j])])),
            SpeechTask.Ordinal => [new ComparedLabel("level", null, [.. truth.Select(t => Level(t))])],
            _ when task.HasClasses => ComparedLabel.OfClasses("class", labels,
                [.. truth.Select(t => (int)(Level(t) ?? -1))]),
            _ => labels.Select((l, j) => new ComparedLabel(l, ["yes", "no"], [.. truth.Select(t => t[j])])),
        };
        return MeasureComparing.Compare(measures, known.Features, known.Subjects, compared, options);
    }

    /// <summary>The clips that the run keeps of a part, among the training clips.</summary>
    public static ClipMeasures[] Kept(
        SpeechRun run, string split, RunPrediction[] network, int labels, BaselineData known, BaselineData asked,
        (string Name, string Unit)[] measures)
    {
        var reference = new MeasureReference(measures, known.Features);
        Dictionary<string, int> rows = Enumerable.Range(0, asked.Features.Count)
            .GroupBy(i => network[i * labels].AudioKey).ToDictionary(g => g.Key, g => g.First());
        return [.. run.Clips.Concat(run.TypicalClips).Where(c => c.Split == split).Select(c => c.AudioKey).Distinct()
            .Where(rows.ContainsKey)
            .Select(key => new ClipMeasures(key, split, reference.Compare(asked.Features[rows[key]])))];
    }

    /// <summary>What a linear model loses without each measure.</summary>
    /// <param name="task">What is evaluated.</param>
    /// <param name="metric">The figure over all labels.</param>
    /// <param name="labels">Names of labels or classes.</param>
    /// <param name="network">The rows of the part, clip after clip.</param>
    /// <param name="said">What the model says of the rows, block after block.</param>
    /// <param name="rows">The blocks.</param>
    /// <param name="measures">The measures.</param>
    /// <param name="options">Resamples, method, seed.</param>
    /// <param name="intervals">Whether there are intervals.</param>
    public static IEnumerable<RunMeasureImportance> Importance(
        TaskDescription task, SpeechMetric metric, string[] labels, RunPrediction[] network, double?[][] said,
        PermutedRows rows, PermutedMeasure[] measures, SubjectBootstrapOptions options, bool intervals)
    {
        int clips = network.Length / labels.Length;
        bool numbers = task.Task == SpeechTask.Regression;
        bool each = task.Task == SpeechTask.MultiLabel || (numbers && labels.Length > 1);
        var losses = new List<(string Label, ResampledStatistic[] Losses)>();
        string[] subjects = [.. Enumerable.Range(0, clips).Select(i => network[i * labels.Length].Subject)];
        bool resampled = intervals && !subjects.Contains("");
        for (int j = 0; j < (each ? labels.Length : 1); j++)
        {
            if (said[0][j] is null)
            {
                continue; // nothing was learned of it
            }
            WeightedMetric? Of(int block) => RunEvaluator.Prepare(
                each && !numbers ? SpeechTask.Binary : task.Task, metric,
                [.. network.Index().Where(p => !each || p.Index % labels.Length == j).Select(p => RunBaselines.Replace(
                    p.Item, said[(block * clips) + (p.Index / labels.Length)], p.Index % labels.Length, task))]);
            if (Of(0) is not { } whole)
            {
                continue; // nothing is rated
            }
            WeightedMetric[] metrics = [whole, .. measures.Select((_, m) =>
                Mean([.. Enumerable.Range(0, rows.Repeats).Select(r => Of(rows.Block(m, r))!)]))];
            int[] once = new int[clips];
            Array.Fill(once, 1);
            ResampledStatistic[] found = resampled ? SubjectIntervals.Run(subjects, metrics, null, options)
                : [.. metrics.Select(m => new ResampledStatistic(m(once), [], []))];
            losses.Add((each ? labels[j] : "", [.. found.Skip(1).Select(f => metric.LowerIsBetter
                ? ResampledStatistic.Difference(f, found[0]) : ResampledStatistic.Difference(found[0], f))]));
        }
        if (each && losses.Count > 0)
        {
            losses.Insert(0, ("", [.. measures.Select((_, m) =>
                ResampledStatistic.Mean([.. losses.Select(l => l.Losses[m])]))]));
        }
        string none = !intervals ? "" : resampled ? "" : "subjects are not known";
        return losses.SelectMany(l => l.Losses.Select((loss, m) =>
        {
            MetricInterval? made = resampled ? loss.ToInterval(options) : null;
            return new RunMeasureImportance(l.Label, measures[m].Name, metric.Name, loss.Estimate.Value,
                made?.Low.Value is null ? null
                    : new RunInterval(made.Low, made.High, made.Resamples, made.UndefinedResamples))
            {
                NoInterval = made is { Low.Value: null } ? made.Low.Undefined ?? "" : none,
            };
        }));
    }

    private static double? Level(double?[] classes) =>
        Array.IndexOf(classes, 1.0) is >= 0 and var level ? level : null;

    private static WeightedMetric Mean(WeightedMetric[] metrics) => weights =>
    {
        double sum = 0;
        foreach (WeightedMetric metric in metrics)
        {
            MetricValue value = metric(weights);
            if (value.Value is not { } number)
            {
                return value;
            }
            sum += number;
        }
        return sum / metrics.Length;
    };
}
