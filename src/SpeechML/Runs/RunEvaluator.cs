using SpeechML.Metrics;

namespace SpeechML.Runs;

/// <summary>Judges the predictions of one part of the data.</summary>
internal sealed class RunEvaluator
{
    private readonly SpeechRunTask _task;
    private readonly IReadOnlyList<RunPrediction> _rows;
    private readonly int _resamples;
    private readonly int _seed;

    private RunEvaluator(SpeechRunTask task, IReadOnlyList<RunPrediction> rows, int resamples, int seed)
    {
        _task = task;
        _rows = rows;
        _resamples = resamples;
        _seed = seed;
    }

    /// <summary>Computes the figures.</summary>
    /// <param name="task">What was learned.</param>
    /// <param name="split">The part.</param>
    /// <param name="rows">Its predictions: clip after clip, each with every label in the same order.</param>
    /// <param name="resamples">Resamples of the intervals.</param>
    /// <param name="seed">Their seed.</param>
    public static RunEvaluation Evaluate(SpeechRunTask task, string split, IReadOnlyList<RunPrediction> rows, int resamples, int seed)
    {
        var evaluator = new RunEvaluator(task, rows, resamples, seed);
        string[] subjects = [.. rows.Select(r => r.Subject).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal)];
        string[] labels = [.. rows.Select(r => r.Label).Distinct(StringComparer.Ordinal)];
        var evaluation = new RunEvaluation { Split = split, Task = task, Rows = rows.Count / Math.Max(1, labels.Length), Subjects = subjects.Length };
        if (task == SpeechRunTask.Regression)
        {
            return evaluation with { Figures = evaluator.Numbers() };
        }
        RunPrediction[][] columns = [.. labels.Select(l => rows.Where(r => r.Label == l && r.Target is not null).ToArray())];
        RunLabelEvaluation[] perLabel = [.. labels.Select((l, j) => evaluator.Label(l, columns[j]))];
        return task == SpeechRunTask.Multiclass
            ? evaluation with { Figures = evaluator.Classes(columns), Labels = perLabel, Confusion = Confusion(columns).Counts }
            : evaluation with { Figures = evaluator.Averages(perLabel, columns), Labels = perLabel };
    }

    /// <summary>How wrong the model is about one clip: mean cross-entropy over what is rated (classes: of the right one), or the absolute error; <see langword="null"/> where nothing is rated.</summary>
    public static double? Loss(SpeechRunTask task, IEnumerable<RunPrediction> clip)
    {
        const double Least = 1e-15;
        RunPrediction[] rated = [.. clip.Where(p => p.Target is not null)];
        double[] losses = task switch
        {
            SpeechRunTask.Regression => [.. rated.Select(p => Math.Abs(p.Target!.Value - p.Prediction))],
            SpeechRunTask.Multiclass => [.. rated.Where(p => p.Target == 1).Select(p => -Math.Log(Math.Max(Least, p.Probability!.Value)))],
            _ => [.. rated.Select(p => -Math.Log(Math.Max(Least, p.Target == 1 ? p.Probability!.Value : 1 - p.Probability!.Value)))],
        };
        return losses.Length == 0 ? null : losses.Average();
    }

    private static ConfusionMatrix Confusion(RunPrediction[][] columns)
    {
        int[] Highest(Func<RunPrediction, double> of) => [.. Enumerable.Range(0, columns[0].Length).Select(i => Enumerable.Range(0, columns.Length).MaxBy(c => of(columns[c][i])))];
        return new ConfusionMatrix(Highest(p => p.Target!.Value), Highest(p => p.Prediction), columns.Length);
    }

    private Dictionary<string, RunFigure> Numbers()
    {
        RunPrediction[] rated = [.. _rows.Where(r => r.Target is not null)];
        double[] truth = [.. rated.Select(r => r.Target!.Value)], predicted = [.. rated.Select(r => r.Prediction)];
        if (truth.Length == 0)
        {
            return new Dictionary<string, RunFigure> { ["mae"] = new(null, "no labels") };
        }
        SpeechRegressionMetrics m = SpeechRegressionMetrics.Evaluate(truth, predicted);
        return new Dictionary<string, RunFigure>
        {
            ["mae"] = Figure(m.Mae, rated, new ResampledMean([.. truth.Zip(predicted, (t, p) => Math.Abs(t - p))])),
            ["rmse"] = Figure(m.Rmse),
            ["r2"] = Figure(m.R2),
            ["ccc"] = Figure(m.Ccc),
            ["pearson"] = Figure(m.Pearson),
            ["spearman"] = Figure(m.Spearman, rated, new ResampledSpearman(truth, predicted)),
        };
    }

    private RunLabelEvaluation Label(string name, RunPrediction[] rated)
    {
        bool[] positive = [.. rated.Select(r => r.Target == 1)];
        double[] scores = [.. rated.Select(r => r.Probability!.Value)];
        var figures = new Dictionary<string, RunFigure>();
        if (rated.Length == 0)
        {
            figures["rocAuc"] = new RunFigure(null, "no labels");
            return new RunLabelEvaluation(name, 0, 0, figures);
        }
        var decisions = new ConfusionMatrix([.. positive.Select(p => p ? 1 : 0)], [.. rated.Select(r => r.Prediction == 1 ? 1 : 0)], 2);
        double[] outcome = [.. positive.Select(p => p ? 1.0 : 0.0)];
        figures["rocAuc"] = Figure(Ranking.RocAuc(positive, scores), rated, new ResampledRocAuc(positive, scores));
        figures["averagePrecision"] = Figure(Ranking.AveragePrecision(positive, scores));
        figures["accuracy"] = Figure(decisions.Accuracy);
        figures["balancedAccuracy"] = Figure(decisions.BalancedAccuracy);
        figures["precision"] = Figure(decisions.Precision(1));
        figures["recall"] = Figure(decisions.Recall(1));
        figures["f1"] = Figure(decisions.F1(1));
        figures["brier"] = Figure(outcome.Zip(scores, (y, p) => (y - p) * (y - p)).Average());
        figures["ece"] = Figure(CalibrationError.EqualWidth(scores, outcome));
        return new RunLabelEvaluation(name, rated.Length, positive.Count(p => p), figures);
    }

    /// <summary>Means over the labels that have a value.</summary>
    private Dictionary<string, RunFigure> Averages(RunLabelEvaluation[] labels, RunPrediction[][] columns)
    {
        var figures = new Dictionary<string, RunFigure>();
        foreach (string name in labels.SelectMany(l => l.Figures.Keys).Distinct().ToArray())
        {
            double[] values = [.. labels.Select(l => l.Figures.GetValueOrDefault(name)?.Value).OfType<double>()];
            figures[name] = values.Length == 0 ? new RunFigure(null, "undefined for every label") : new RunFigure(values.Average());
        }
        if (labels.Length == 1)
        {
            figures["rocAuc"] = labels[0].Figures["rocAuc"];
            return figures;
        }
        figures["rocAuc"] = figures["rocAuc"] with { Interval = Interval(Subjects(_rows.Where(r => r.Label == labels[0].Label)), MacroAuc(columns)) };
        return figures;
    }

    private Dictionary<string, RunFigure> Classes(RunPrediction[][] columns)
    {
        RunPrediction[] clips = columns[0];
        if (clips.Length == 0)
        {
            return new Dictionary<string, RunFigure> { ["accuracy"] = new(null, "no labels") };
        }
        int classes = columns.Length;
        int[] truth = [.. Enumerable.Range(0, clips.Length).Select(i => Array.FindIndex(columns, c => c[i].Target == 1))];
        double[][] scores = [.. Enumerable.Range(0, clips.Length).Select(i => columns.Select(c => c[i].Probability!.Value).ToArray())];
        MulticlassMetrics m = MulticlassMetrics.Evaluate(truth, scores);
        ConfusionMatrix decisions = Confusion(columns);
        double[] right = [.. Enumerable.Range(0, clips.Length).Select(i => columns[truth[i]][i].Prediction == 1 ? 1.0 : 0.0)];
        return new Dictionary<string, RunFigure>
        {
            ["accuracy"] = Figure(decisions.Accuracy, clips, new ResampledMean(right)),
            ["balancedAccuracy"] = Figure(decisions.BalancedAccuracy, clips, new ResampledMeanRecall(truth, right, classes)),
            ["rocAuc"] = Figure(m.RocAucOvrMacro, clips, MacroAuc(columns)),
            ["f1"] = Figure(Enumerable.Range(0, classes).Average(decisions.F1)),
            ["kappa"] = Figure(decisions.Kappa(0)),
            ["logLoss"] = Figure(m.LogLoss),
            ["brier"] = Figure(m.Brier),
            ["ece"] = Figure(m.Ece),
        };
    }

    private ResampledMacro MacroAuc(RunPrediction[][] columns)
    {
        // The multiplicities are of clips; a label has a value only for those where it is rated.
        var clipOf = new Dictionary<RunPrediction, int>(ReferenceEqualityComparer.Instance);
        int labels = columns.Length;
        for (int i = 0; i < _rows.Count; i++)
        {
            clipOf[_rows[i]] = i / labels;
        }
        RunPrediction[][] defined = [.. columns.Where(c => c.Any(r => r.Target == 1) && c.Any(r => r.Target != 1))];
        return new ResampledMacro(
            [.. defined.Select(c => (IResampledMetric)new ResampledRocAuc([.. c.Select(r => r.Target == 1)], [.. c.Select(r => r.Probability!.Value)]))],
            [.. defined.Select(c => c.Select(r => clipOf[r]).ToArray())]);
    }

    private static string[] Subjects(IEnumerable<RunPrediction> clips) => [.. clips.Select(c => c.Subject)];

    private static RunFigure Figure(MetricValue value) => new(value.Value, value.Undefined);

    private RunFigure Figure(MetricValue value, RunPrediction[] clips, IResampledMetric metric) => Figure(value) with { Interval = Interval(Subjects(clips), metric) };

    private RunInterval? Interval(string[] subjects, IResampledMetric metric)
    {
        if (_resamples == 0 || subjects.Contains("") || subjects.Distinct(StringComparer.Ordinal).Count() < 2)
        {
            return null;
        }
        var options = new SubjectBootstrapOptions { Resamples = _resamples, Method = IntervalMethod.Percentile, Seed = _seed };
        MetricInterval interval = SubjectIntervals.Run(subjects, [metric], options)[0].ToInterval(options);
        return new RunInterval(interval.Low, interval.High, _resamples, interval.UndefinedResamples);
    }
}
