using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Data.Interop;
using SpeechML.Tasks;

namespace SpeechML.Runs.Scoring;

/// <summary>Evaluates the predictions of one part of the data.</summary>
internal sealed class RunEvaluator
{
    private readonly string[] _subjects; // of each clip
    private readonly SubjectBootstrapOptions? _options; // null: no intervals
    private readonly string? _noInterval; // why, where they were asked for

    private RunEvaluator(string[] subjects, SubjectBootstrapOptions options)
    {
        _subjects = subjects;
        _options = subjects.Contains("") ? null : options;
    }

    private RunEvaluator(string[] subjects, int resamples, int seed, Cancellation cancellation)
    {
        _subjects = subjects;
        _noInterval = resamples == 0 ? null : subjects.Contains("") ? "subjects are not known"
            : subjects.Distinct(StringComparer.Ordinal).Count() < 2 ? "one subject" : null;
        _options = resamples > 0 && _noInterval is null
            ? new SubjectBootstrapOptions { Resamples = resamples, Method = IntervalMethod.Percentile, Seed = seed }
                .CancelledBy(cancellation)
            : null;
    }

    /// <summary>Computes the figures.</summary>
    /// <param name="task">What was learned.</param>
    /// <param name="split">The part.</param>
    /// <param name="rows">Its predictions: clip after clip, each with every label in the same order.</param>
    /// <param name="resamples">Resamples of the intervals.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="cancellation">Ends it.</param>
    public static RunEvaluation Evaluate(
        SpeechTask task, string split, IReadOnlyList<RunPrediction> rows, int resamples, int seed,
        Cancellation cancellation = default)
    {
        string[] labels = [.. rows.Select(r => r.Label).Distinct(StringComparer.Ordinal)];
        RunPrediction[][] clips = [.. rows.Chunk(Math.Max(1, labels.Length))];
        var evaluator = new RunEvaluator([.. clips.Select(c => c[0].Subject)], resamples, seed, cancellation);
        var evaluation = new RunEvaluation
        {
            Split = split,
            Task = task,
            Rows = clips.Length,
            Subjects = evaluator._subjects.Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).Count(),
        };
        return task switch
        {
            SpeechTask.Regression when labels.Length < 2 => evaluation with { Figures = evaluator.Numbers(clips) },
            _ when TaskDescription.Of(task).HasClasses => evaluator.Classes(evaluation, labels, clips),
            _ => evaluator.Labels(evaluation, labels, clips),
        };
    }

    /// <summary>
    /// The figures over all labels or classes with their resamples, which are the same for the same subjects in the
    /// same order; without resamples where subjects are not known.
    /// </summary>
    /// <param name="task">What was learned.</param>
    /// <param name="rows">The predictions: clip after clip, each with every label in the same order.</param>
    /// <param name="options">Resamples, method, seed.</param>
    public static IReadOnlyDictionary<string, ResampledStatistic> Statistics(
        SpeechTask task, IReadOnlyList<RunPrediction> rows, SubjectBootstrapOptions options)
    {
        string[] labels = [.. rows.Select(r => r.Label).Distinct(StringComparer.Ordinal)];
        RunPrediction[][] clips = [.. rows.Chunk(Math.Max(1, labels.Length))];
        var evaluator = new RunEvaluator([.. clips.Select(c => c[0].Subject)], options);
        var statistics = new Dictionary<string, List<ResampledStatistic>>();
        bool single = TaskDescription.Of(task).IsOneAnswer(labels.Length);
        for (int j = 0; j < (single ? 1 : labels.Length); j++)
        {
            int[] rated = Rated(clips, j);
            if (rated.Length == 0)
            {
                continue;
            }
            EvaluatedClips evaluated = single ? OneAnswer(task, labels, clips, rated)
                : Each(task, clips, j, rated);
            foreach ((string name, ResampledStatistic statistic) in evaluator.Resample(evaluated, rated, task))
            {
                (statistics.TryGetValue(name, out List<ResampledStatistic>? all) ? all : statistics[name] = [])
                    .Add(statistic);
            }
        }
        return statistics.ToDictionary(
            s => s.Key, s => s.Value.Count == 1 ? s.Value[0] : ResampledStatistic.Mean(s.Value));
    }

    /// <summary>
    /// A metric of predictions as a function of the weights of all their clips; <see langword="null"/> where none is
    /// rated.
    /// </summary>
    /// <param name="task">What was learned, a single answer.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="rows">The predictions: clip after clip, each with every class in the same order.</param>
    public static WeightedMetric? Prepare(SpeechTask task, SpeechMetric metric, IReadOnlyList<RunPrediction> rows)
    {
        string[] labels = [.. rows.Select(r => r.Label).Distinct(StringComparer.Ordinal)];
        RunPrediction[][] clips = [.. rows.Chunk(Math.Max(1, labels.Length))];
        int[] rated = clips.Length == 0 ? [] : Rated(clips, 0);
        return rated.Length == 0 ? null
            : WeightedMetrics.OfSome(metric.Prepare(OneAnswer(task, labels, clips, rated)), rated);
    }

    /// <summary>
    /// How wrong the model is about one clip: mean cross-entropy over what is rated (classes: of the right one), the
    /// expected distance from the right one of ordered classes, or the absolute error;
    /// <see langword="null"/> where nothing is rated.
    /// </summary>
    public static double? Loss(SpeechTask task, IEnumerable<RunPrediction> clip)
    {
        const double Least = 1e-15;
        RunPrediction[] rated = [.. clip.Where(p => p.Target is not null)];
        int right = Array.FindIndex(rated, p => p.Target == 1);
        double[] losses = task switch
        {
            SpeechTask.Regression => [.. rated.Select(p => Math.Abs(p.Target!.Value - p.Prediction))],
            SpeechTask.Ordinal =>
            right < 0 ? [] : [rated.Select((p, c) => p.Probability!.Value * Math.Abs(c - right)).Sum()],
            SpeechTask.Multiclass => right < 0 ? [] : [-Math.Log(Math.Max(Least, rated[right].Probability!.Value))],
            _ => [.. rated.Select(p =>
            -Math.Log(Math.Max(Least, p.Target == 1 ? p.Probability!.Value : 1 - p.Probability!.Value)))],
        };
        return losses.Length == 0 ? null : losses.Average();
    }

    private static int[] Rated(RunPrediction[][] clips, int label) =>
        [.. Enumerable.Range(0, clips.Length).Where(i => clips[i][label].Target is not null)];

    private static int Highest(RunPrediction[] clip, Func<RunPrediction, double> of) =>
        Enumerable.Range(0, clip.Length).MaxBy(c => of(clip[c]));

    private static Dictionary<string, RunFigure> Nothing(SpeechMetric metric) =>
        new() { [metric.Name] = new RunFigure(null, "no labels") };

    private Dictionary<string, RunFigure> Numbers(RunPrediction[][] clips)
    {
        int[] rated = Rated(clips, 0);
        return rated.Length == 0 ? Nothing(SpeechMetrics.Mae)
            : Figures(RegressionClips(clips, 0, rated), rated, SpeechTask.Regression);
    }

    private static EvaluatedClips OneAnswer(
        SpeechTask task, string[] labels, RunPrediction[][] clips, int[] rated) => task switch
        {
            SpeechTask.Regression => RegressionClips(clips, 0, rated),
            SpeechTask.Binary or SpeechTask.MultiLabel => Binary(clips, 0, rated),
            _ => ClassClips(task, Thresholds(task, labels, clips), labels, clips, rated),
        };

    private static EvaluatedClips RegressionClips(RunPrediction[][] clips, int number, int[] rated) =>
        EvaluatedClips.Regression(
            Array.ConvertAll(rated, i => clips[i][number].Target!.Value),
            Array.ConvertAll(rated, i => clips[i][number].Prediction));

    private static EvaluatedClips Each(SpeechTask task, RunPrediction[][] clips, int label, int[] rated) =>
        task == SpeechTask.Regression ? RegressionClips(clips, label, rated) : Binary(clips, label, rated);

    /// <summary>
    /// Every label, or every number, on the clips where it is rated, and the means over the labels that have a value.
    /// </summary>
    private RunEvaluation Labels(RunEvaluation evaluation, string[] names, RunPrediction[][] clips)
    {
        var statistics = new Dictionary<string, List<ResampledStatistic>>();
        var labels = new List<RunLabelEvaluation>();
        bool numbers = evaluation.Task == SpeechTask.Regression;
        SpeechMetric first = numbers ? SpeechMetrics.Mae : SpeechMetrics.RocAuc;
        for (int j = 0; j < names.Length; j++)
        {
            int[] rated = Rated(clips, j);
            var figures = new Dictionary<string, RunFigure>();
            if (rated.Length == 0)
            {
                labels.Add(new RunLabelEvaluation(names[j], 0, 0, Nothing(first)));
                continue;
            }
            EvaluatedClips own = Each(evaluation.Task, clips, j, rated);
            foreach ((string name, ResampledStatistic statistic) in Resample(own, rated, evaluation.Task))
            {
                figures[name] = Figure(statistic);
                (statistics.TryGetValue(name, out List<ResampledStatistic>? all) ? all : statistics[name] = [])
                    .Add(statistic);
            }
            labels.Add(new RunLabelEvaluation(
                names[j], rated.Length, numbers ? 0 : rated.Count(i => clips[i][j].Target == 1), figures)
            {
                Confusion = numbers ? [] : own.Confusion().Counts,
            });
        }
        Dictionary<string, RunFigure> means = statistics.Count == 0 ? Nothing(first)
            : statistics.ToDictionary(
                s => s.Key, s => names.Length == 1 ? Figure(s.Value[0]) : Figure(ResampledStatistic.Mean(s.Value)) with
                {
                    Labels = s.Value.Count(v => v.Estimate.Value is not null),
                    LabelsWithoutValue = names.Length - s.Value.Count(v => v.Estimate.Value is not null),
                });
        return evaluation with { Figures = means, Labels = labels };
    }

    /// <summary>Classes: each against the others. Ordered ones: the thresholds between them.</summary>
    private RunEvaluation Classes(RunEvaluation evaluation, string[] names, RunPrediction[][] clips)
    {
        RunPrediction[][] evaluated = Thresholds(evaluation.Task, names, clips);
        int[] rated = Rated(clips, 0);
        evaluation = evaluation with { Classes = names };
        if (rated.Length == 0)
        {
            return evaluation with { Figures = Nothing(SpeechMetrics.Accuracy) };
        }
        EvaluatedClips all = ClassClips(evaluation.Task, evaluated, names, clips, rated);
        return evaluation with
        {
            Figures = Figures(all, rated, evaluation.Task),
            Labels = [.. Enumerable.Range(0, evaluated[0].Length).Select(j => (j, Clips: Binary(evaluated, j, rated)))
                .Select(l => new RunLabelEvaluation(
                evaluated[0][l.j].Label, rated.Length, rated.Count(i => evaluated[i][l.j].Target == 1),
                Figures(l.Clips, rated, SpeechTask.Binary))
                {
                    Confusion = l.Clips.Confusion().Counts,
                })],
            Confusion = all.Confusion().Counts,
        };
    }

    /// <summary>Of ordered classes the thresholds between them; of others the classes themselves.</summary>
    private static RunPrediction[][] Thresholds(SpeechTask task, string[] names, RunPrediction[][] clips) =>
        task == SpeechTask.Ordinal
            ? [.. RunThresholds.Of(clips.SelectMany(c => c), names.Length).Chunk(names.Length - 1)] : clips;

    private static EvaluatedClips ClassClips(
        SpeechTask task, RunPrediction[][] evaluated, string[] names, RunPrediction[][] clips, int[] rated)
    {
        int[] truth = Array.ConvertAll(rated, i => Highest(clips[i], p => p.Target!.Value)),
            decided = Array.ConvertAll(rated, i => Highest(clips[i], p => p.Prediction));
        double[][] scores = Array.ConvertAll(rated, i => Array.ConvertAll(evaluated[i], p => p.Probability!.Value));
        return task == SpeechTask.Ordinal ? EvaluatedClips.Ordinal(truth, decided, names.Length, scores)
            : EvaluatedClips.Multiclass(truth, scores, decided);
    }

    private static EvaluatedClips Binary(RunPrediction[][] clips, int label, int[] rated) => EvaluatedClips.Binary(
        Array.ConvertAll(rated, i => clips[i][label].Target == 1),
        Array.ConvertAll(rated, i => Math.Clamp(clips[i][label].Probability!.Value, 0, 1)),
        Array.ConvertAll(rated, i => clips[i][label].Prediction == 1));

    private Dictionary<string, RunFigure> Figures(EvaluatedClips clips, int[] rated, SpeechTask task) =>
        Resample(clips, rated, task).ToDictionary(s => s.Name, s => Figure(s.Statistic));

    /// <summary>
    /// Resamples all subjects, also those whose clips are not rated here, so that labels can be averaged resample by
    /// resample.
    /// </summary>
    private (string Name, ResampledStatistic Statistic)[] Resample(
        EvaluatedClips clips, int[] rated, SpeechTask task)
    {
        IReadOnlyList<SpeechMetric> metrics = SpeechMetrics.For(task);
        int[]? some = rated.Length == _subjects.Length ? null : rated;
        WeightedMetric[] prepared = [.. metrics.Select(m => WeightedMetrics.OfSome(m.Prepare(clips), some))];
        int[] once = new int[_subjects.Length];
        Array.Fill(once, 1);
        ResampledStatistic[] statistics = _options is null
            ? [.. prepared.Select(m => new ResampledStatistic(m(once), [], []))]
            : SubjectIntervals.Run(_subjects, prepared, [.. prepared.Select(_ => some)], _options);
        return [.. metrics.Select((m, k) => (m.Name, statistics[k]))];
    }

    private RunFigure Figure(ResampledStatistic statistic)
    {
        var figure = new RunFigure(statistic.Estimate.Value, statistic.Estimate.Undefined);
        if (figure.Value is null)
        {
            return figure;
        }
        if (_options is null)
        {
            return figure with { NoInterval = _noInterval };
        }
        MetricInterval made = statistic.ToInterval(_options);
        return figure with
        {
            Interval = made.Resamples == 0 ? null
                : new RunInterval(made.Low, made.High, made.Resamples, made.UndefinedResamples),
            NoInterval = made.Low.Undefined,
        };
    }
}
