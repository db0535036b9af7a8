using Microsoft.ML;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Data.Extras;
using SpeechML.Data.Interop;
using SpeechML.Model.Extras;
using SpeechML.Runs.Scoring;
using SpeechML.Tasks;

namespace SpeechML.Runs.Baselines;

/// <summary>Fits plain models on numbers beside a run's network, and compares them on the same clips.</summary>
internal static class RunBaselines
{
    private const int FewestOfAClass = 2;

    /// <summary>Compares them on one part.</summary>
    /// <param name="run">The run, whose network was evaluated on the part.</param>
    /// <param name="train">The data that the network learned from.</param>
    /// <param name="data">The part.</param>
    /// <param name="columns">Label, names of clips, subjects.</param>
    /// <param name="features">Columns of numbers.</param>
    /// <param name="split">What the part is called.</param>
    /// <param name="cancellation">Ends it between two models.</param>
    public static (List<RunBaseline> Baselines, RunMeasures Measures) Compare(
        SpeechRun run, IDataView train, IDataView data, SpeechRunColumns columns, string[] features, string split,
        Cancellation cancellation)
    {
        RunEvaluation evaluation = run.Evaluations.FirstOrDefault(e => e.Split == split)
            ?? throw new ArgumentException(
                $"Baselines of run '{run.Name}': expected that part '{split}' was evaluated, got " +
                $"{(run.Evaluations.Count == 0 ? "none" : string.Join(", ", run.Evaluations.Select(e => e.Split)))}. " +
                $"Call run.Evaluate before.");
        RunPrediction[] network = [.. run.Predictions.Where(p => p.Split == split)];
        string[] labels = [.. network.Select(p => p.Label).Distinct(StringComparer.Ordinal)];
        TaskDescription task = TaskDescription.Of(evaluation.Task);
        ExtraFeature[] described = ExtraColumns.Describe(train.Schema, features);
        double threshold = run.Manifest().RatingThreshold;
        BaselineData Read(IDataView view) =>
            BaselineData.Read(view, described, columns, task, labels.Length, threshold);
        BaselineData known = Read(train), asked = Read(data);
        CheckSame(run, split, network, labels.Length, asked, columns);
        using var input = new ExtraInput(known.Features[0].Length);
        input.Learn(known.Features);
        float[][] from = input.Run(known.Features), to = input.Run(asked.Features);
        (string Name, string Unit)[] measures = MeasureReading.Names(train.Schema, described);
        PermutedMeasure[] permuted = PermutedMeasure.Of(measures);
        var rows = new PermutedRows(to, permuted, run.RunEnvironment.Seed);
        List<RunMeasureImportance> importance = [];
        var results = new List<RunBaseline>();
        foreach (string model in new[] { PlainModel.Linear, PlainModel.Tree })
        {
            // A context of its own: what the caller's has drawn before changes nothing.
            bool linear = model == PlainModel.Linear;
            double?[][] said = Score(new MLContext(run.RunEnvironment.Seed), model, task, known.Truth,
                labels.Length, from, linear ? rows.All() : to, to.Length * (linear ? rows.Blocks : 1), cancellation);
            RunPrediction[] plain = [.. network.Select((p, i) => Replace(
                p, said[i / labels.Length], i % labels.Length, task))];
            results.AddRange(Differences(run, evaluation, model, labels, network, plain, said)
                .Select(r => r with { Features = string.Join(',', features) }));
            if (linear && to.Length > 0)
            {
                importance.AddRange(MeasureReading.Importance(task, MetricOf(task.Task), labels, network, said, rows,
                    permuted, Resampling(run), run.Resamples > 0));
            }
        }
        return (results, new RunMeasures(
            split, string.Join(',', features),
            MeasureReading.ByLabel(task, labels, known, measures, Resampling(run)), importance,
            MeasureReading.Kept(run, split, network, labels.Length, known, asked, measures)));
    }

    private static void CheckSame(
        SpeechRun run, string split, RunPrediction[] network, int labels, BaselineData asked, SpeechRunColumns columns)
    {
        int clips = network.Length / Math.Max(1, labels);
        if (clips != asked.Features.Count)
        {
            throw new ArgumentException(
                $"Baselines of run '{run.Name}', part '{split}': expected the {clips} clips that the network was " +
                $"evaluated on, got {asked.Features.Count}.");
        }
        int other = columns.AudioKey.Length == 0 ? -1
            : Enumerable.Range(0, clips).FirstOrDefault(i => network[i * labels].AudioKey != asked.Keys[i], -1);
        if (other >= 0)
        {
            throw new ArgumentException(
                $"Baselines of run '{run.Name}', part '{split}', row {other}: expected clip " +
                $"'{network[other * labels].AudioKey}', on which the network was evaluated, got " +
                $"'{asked.Keys[other]}'.");
        }
    }

    /// <summary>
    /// What a plain model says of each clip and label; <see langword="null"/> where none can be learned.
    /// </summary>
    private static double?[][] Score(
        MLContext mlContext, string model, TaskDescription task, IReadOnlyList<double?[]> truth, int labels,
        float[][] from, IEnumerable<float[]> to, int count, Cancellation cancellation)
    {
        double?[][] said = [.. Enumerable.Range(0, count).Select(_ => new double?[labels])];
        bool together = task.HasClasses;
        for (int j = 0; j < (together ? 1 : labels); j++)
        {
            cancellation.ThrowIfRequested();
            int[] rated = [.. Enumerable.Range(0, truth.Count).Where(i => truth[i][j] is not null)];
            double[] targets = [.. rated.Select(i => together ? Array.IndexOf(truth[i], 1) : truth[i][j]!.Value)];
            bool classes = task.Task != SpeechTask.Regression;
            int[] counts = [.. targets.CountBy(t => t).Select(c => c.Value).OrderDescending()];
            if (rated.Length == 0 || (classes && (counts.Length < 2 || counts[1] < FewestOfAClass)))
            {
                continue;
            }
            SpeechTask kind = together ? SpeechTask.Multiclass : classes ? SpeechTask.Binary : SpeechTask.Regression;
            double[][] scores = PlainModel.FitAndScore(
                mlContext, model, kind, [.. rated.Select(i => from[i])], targets, to);
            for (int i = 0; i < count; i++)
            {
                for (int k = 0; k < (together ? labels : 1); k++)
                {
                    said[i][j + k] = k < scores[i].Length ? scores[i][k] : 0;
                }
            }
        }
        return said;
    }

    /// <summary>The figure by which models are compared.</summary>
    private static SpeechMetric MetricOf(SpeechTask task) => task switch
    {
        SpeechTask.Regression => SpeechMetrics.R2,
        SpeechTask.Multiclass => SpeechMetrics.BalancedAccuracy,
        SpeechTask.Ordinal => SpeechMetrics.KappaQuadratic,
        _ => SpeechMetrics.RocAuc,
    };

    private static SubjectBootstrapOptions Resampling(SpeechRun run) => new()
    {
        Resamples = Math.Max(1, run.Resamples),
        Method = IntervalMethod.Percentile,
        Seed = run.RunEnvironment.Seed,
    };

    /// <summary>A prediction as a plain model makes it.</summary>
    public static RunPrediction Replace(RunPrediction p, double?[] said, int label, TaskDescription task)
    {
        double value = said[label] ?? double.NaN;
        if (task.Task == SpeechTask.Regression)
        {
            return p with { Prediction = value };
        }
        bool chosen = task.HasClasses ? Array.IndexOf(said, said.Max()) == label : value >= 0.5;
        return p with { Probability = value, Prediction = chosen ? 1 : 0 };
    }

    private static IEnumerable<RunBaseline> Differences(
        SpeechRun run, RunEvaluation evaluation, string model, string[] labels, RunPrediction[] network,
        RunPrediction[] plain, double?[][] said)
    {
        string split = evaluation.Split;
        bool[] learned = [.. labels.Select((_, j) => said.Length > 0 && said[0][j] is not null)];
        SpeechMetric metric = MetricOf(evaluation.Task);
        if (Array.Exists(learned, l => l))
        {
            bool Known(RunPrediction p) => learned[Array.IndexOf(labels, p.Label)];
            yield return One("", metric, evaluation.Task,
                [.. network.Where(Known)], [.. plain.Where(Known)]);
        }
        bool numbers = evaluation.Task == SpeechTask.Regression;
        if (evaluation.Task == SpeechTask.Binary || (numbers && labels.Length == 1))
        {
            yield break;
        }
        (SpeechMetric own, SpeechTask kind) = numbers
            ? (metric, SpeechTask.Regression) : (SpeechMetrics.RocAuc, SpeechTask.Binary);
        foreach ((int j, string label) in labels.Index())
        {
            yield return learned[j]
                ? One(label, own, kind, [.. network.Where(p => p.Label == label)],
                    [.. plain.Where(p => p.Label == label)])
                : new RunBaseline(model, split, label, own.Name, null, null, null, null, null)
                {
                    Note = numbers ? "no labels" : "too few clips of one side to learn from",
                };
        }

        RunBaseline One(
            string label, SpeechMetric metric, SpeechTask task, RunPrediction[] ours, RunPrediction[] theirs)
        {
            SubjectBootstrapOptions options = Resampling(run);
            if (run.Resamples == 0)
            {
                (ours, theirs) = (WithoutSubjects(ours), WithoutSubjects(theirs));
            }
            var first = RunEvaluator.Statistics(task, ours, options).GetValueOrDefault(metric.Name);
            var second = RunEvaluator.Statistics(task, theirs, options).GetValueOrDefault(metric.Name);
            if (first is null || second is null)
            {
                return new RunBaseline(model, split, label, metric.Name, null, null, null, null, null)
                {
                    Note = "no labels",
                };
            }
            MetricDifference made = ResampledStatistic.Difference(first, second).ToDifference(options);
            return new RunBaseline(
                model, split, label, metric.Name, first.Estimate.Value, second.Estimate.Value, made.Estimate.Value,
                made.Low.Value is null ? null
                    : new RunInterval(made.Low, made.High, made.Resamples, made.UndefinedResamples),
                made.PValue.Value);
        }
    }

    private static RunPrediction[] WithoutSubjects(RunPrediction[] rows) =>
        Array.ConvertAll(rows, r => r with { Subject = "" });
}
