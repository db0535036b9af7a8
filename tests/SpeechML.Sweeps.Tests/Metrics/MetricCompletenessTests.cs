using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using SpeechML.Runs.Scoring;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.Training;

namespace SpeechML.Sweeps.Tests.Metrics;

/// <summary>Every metric of every task can be used wherever metrics are, because all go through one list.</summary>
[TestClass]
public sealed class MetricCompletenessTests
{
    private static readonly string[] s_classes = ["0", "1", "2"];

    public static IEnumerable<object[]> Tasks() => Enum.GetValues<SpeechTask>().Select(t => new object[] { t });

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Metrics_EachOfTheTask_StopsEarlyAndIsAPlateausAndASweepsObjective(SpeechTask task)
    {
        foreach (SpeechMetric metric in SpeechMetrics.For(task).Append(SpeechMetrics.Loss))
        {
            SpeechTrainingOptions options = Options(task);
            (options.EarlyStopping.Metric, options.EarlyStopping.Patience, options.Schedule.Decay) =
                (metric.Name, 1, LearningRateDecay.Plateau);
            options.Validate();
            Assert.AreSame(metric, options.WatchedMetric, "what a plateau watches");

            double better = metric.LowerIsBetter ? 0.1 : 0.9, worse = 0.5;
            ValidationMetrics Epoch(double value) => metric == SpeechMetrics.Loss ? new ValidationMetrics(value)
                : new ValidationMetrics(7, new Dictionary<string, MetricValue> { [metric.Name] = value });
            using (var state = new TrainingState(null!, options, validates: false))
            {
                state.EndEpoch(Epoch(worse));
                state.EndEpoch(Epoch(better));
                Assert.AreEqual((2, false), (state.BestEpoch, state.ShouldStop), metric.Name);
                state.EndEpoch(Epoch(worse));
                Assert.AreEqual((2, true), (state.BestEpoch, state.ShouldStop), metric.Name);
            }
            var plan = new RunPlan(metric, 1, 1, 0, true);
            Assert.IsTrue(
                plan.Loss(plan.ValueOf(Epoch(better))) < plan.Loss(plan.ValueOf(Epoch(worse))), metric.Name);
            _ = new MLContext().Speech().CreateSweep().SetMetric(metric);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Metrics_EachOfTheTask_IsInEvaluationTensorBoardAndReport(SpeechTask task)
    {
        using var scratch = new Scratch();
        IReadOnlyList<SpeechMetric> metrics = SpeechMetrics.For(task);
        RunPrediction[] rows = [.. Enumerable.Range(0, 12).SelectMany(i => Rows(task, i))];
        string folder;
        using (SpeechRun run = new MLContext().Speech().CreateRun(scratch.Folder, Options(task)))
        {
            folder = run.Folder;
            run.Progress.Report(new TrainingProgress(1, 1, 1, 1, 0.5, 0.5, 0, 1e-3, 1, default, default)
            {
                Validation = new ValidationMetrics(0.25, metrics.ToDictionary(m => m.Name, _ => (MetricValue)0.5)),
                BestEpoch = 1,
            });
            run.Add(RunEvaluator.Evaluate(task, "test", rows, 10, 1), rows, [], []);
        }
        JsonElement figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "evaluation.json")))
            .RootElement[0].GetProperty("figures");
        string board = string.Concat(Directory.GetFiles(folder, "*tfevents*", SearchOption.AllDirectories)
            .Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))));
        string page = File.ReadAllText(SpeechReport.Write(folder));
        ValidationMetrics logged = SpeechRun.Open(folder).Epochs.Single().Validation!;
        foreach (SpeechMetric metric in metrics)
        {
            Assert.AreEqual(JsonValueKind.Number, figures.GetProperty(metric.Name).GetProperty("value").ValueKind,
                metric.Name);
            Assert.AreEqual(0.5, logged[metric].Value, metric.Name);
            Assert.Contains("validation/" + metric.Name, board);
            Assert.Contains("test/" + metric.Name, board);
            Assert.IsTrue(
                page.Contains($">{WebUtility.HtmlEncode(metric.DisplayName)}<", StringComparison.Ordinal), metric.Name);
        }
    }

    [TestMethod]
    public void Metrics_TableOfTheDocs_IsTheList()
    {
        string[] want = [.. SpeechMetrics.All.Select(m =>
            $"| `{m.Name}` | {m.DisplayName} | {(m.LowerIsBetter ? "lower" : "higher")} | " +
            $"{string.Join(", ", Enum.GetValues<SpeechTask>().Where(m.Tasks.Contains))} |")];
        string[] got = [.. File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "evaluation.md"))
            .SkipWhile(l => !l.StartsWith("| name |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(l => l.StartsWith('|'))];
        CollectionAssert.AreEqual(want, got, string.Join('\n', want));
    }

    [TestMethod]
    [DataRow("None", "")]
    [DataRow("Loss", "loss")]
    [DataRow("MacroRocAuc", "rocAuc")]
    [DataRow("MacroF1", "f1")]
    [DataRow("BalancedAccuracy", "balancedAccuracy")]
    [DataRow("MeanAbsoluteError", "mae")]
    [DataRow("RSquared", "r2")]
    [DataRow("QuadraticKappa", "kappaQuadratic")]
    public void EarlyStoppingMetric_NameOfAnEarlierVersion_IsTodays(string then, string now)
    {
        Assert.AreEqual(now, new EarlyStoppingOptions { Metric = then }.Metric);
        ValidationMetrics read = JsonSerializer.Deserialize<ValidationMetrics>(
            """{"Loss":"NaN","MacroRocAuc":0.75,"quadraticKappa":null}""")!;
        Assert.AreEqual(0.75, read[SpeechMetrics.RocAuc].Value);
        Assert.IsNull(read[SpeechMetrics.KappaQuadratic].Value);
        Assert.IsTrue(double.IsNaN(read.Loss));
    }

    [TestMethod]
    public void Metric_OfAUser_IsComputedWithWeights()
    {
        var hits = new SpeechMetric(
            "hitRateOfTests", "Hit rate", MetricDirection.HigherIsBetter, [SpeechTask.Binary], clips => weights =>
            {
                double sum = 0, rows = 0;
                for (int i = 0; i < weights.Length; i++)
                {
                    sum += clips.Classes[i] == clips.Decisions[i] ? weights[i] : 0;
                    rows += weights[i];
                }
                return rows == 0 ? MetricValue.Because("no labels") : sum / rows;
            });
        EvaluatedClips clips = EvaluatedClips.Binary([true, false, true], [0.9, 0.8, 0.7]);
        Assert.AreEqual(2 / 3.0, hits.Compute(clips).Value);
        Assert.AreEqual(0.5, hits.Prepare(clips)([1, 2, 1]).Value);
        Assert.AreEqual(
            "Metric 'hitRateOfTests': expected clips of Binary, got clips of Regression. (Parameter 'clips')",
            Assert.ThrowsExactly<ArgumentException>(
                () => hits.Compute(EvaluatedClips.Regression([1, 2], [1, 3]))).Message);
        Assert.AreEqual("Metric 'rocAuc': expected a name that no other metric has. (Parameter 'metric')",
            Assert.ThrowsExactly<ArgumentException>(() => SpeechMetrics.Register(new SpeechMetric(
                "rocAuc", "Mine", MetricDirection.HigherIsBetter, [SpeechTask.Binary], _ => _ => 1))).Message);
    }

    private static SpeechTrainingOptions Options(SpeechTask task)
    {
        SpeechTrainingOptions options = task switch
        {
            SpeechTask.MultiLabel => new SpeechMultiLabelOptions(),
            SpeechTask.Multiclass => new SpeechClassificationOptions(),
            SpeechTask.Ordinal => new SpeechOrdinalOptions(),
            SpeechTask.Binary => new SpeechBinaryOptions(),
            _ => new SpeechRegressionOptions(),
        };
        options.Encoder = RepositoryFiles.TinyEncoder("hubert-base-like");
        return options;
    }

    /// <summary>The predictions of a clip, now and then wrong.</summary>
    private static IEnumerable<RunPrediction> Rows(SpeechTask task, int i)
    {
        RunPrediction Of(string label, double? probability, double target, double prediction) =>
            new($"c{i}", $"s{i / 2}", label, probability, null, "test", target, prediction);
        int truth = i % 3, decided = i % 5 == 0 ? (truth + 1) % 3 : truth;
        double right = 0.6 + (0.02 * i), other = (1 - right) / 2;
        return task switch
        {
            SpeechTask.Regression => [Of("number", null, i, i + (i % 3))],
            SpeechTask.Multiclass or SpeechTask.Ordinal => s_classes.Select((name, c) =>
                Of(name, c == decided ? right : other, c == truth ? 1 : 0, c == decided ? 1 : 0)),
            _ => (task == SpeechTask.Binary ? s_classes.Take(1) : s_classes).Select(name => Of(
                name, i % 5 == 0 ? 0.55 : i % 2 == 0 ? 0.2 : 0.8, i % 2, i % 5 == 0 || i % 2 == 1 ? 1 : 0)),
        };
    }
}
