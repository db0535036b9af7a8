using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Runs;
using SpeechML.Runs.Scoring;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Runs;

/// <summary>
/// Run folders of the tasks with one label: their figures are those of the evaluators, and are there again when the
/// folder is opened.
/// </summary>
[TestClass]
public sealed class TaskRunTests
{
    private readonly TaskRuns _runs = new();

    [TestMethod]
    public void BinaryRun_FiguresAndPredictions_AreMLNets()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = _runs.Binary(scratch.Folder);
        using (run)
        {
            RunEvaluation evaluation = Reopened(run, SpeechTask.Binary);
            IDataView scored = model.Transform(_runs.Data);
            CalibratedBinaryClassificationMetrics judged =
                _runs.Context.BinaryClassification.Evaluate(scored, "IsEnglish");
            AssertFigure(judged.AreaUnderRocCurve, evaluation, "rocAuc");
            AssertFigure(judged.Accuracy, evaluation, "accuracy");
            AssertFigure(judged.PositiveRecall, evaluation, "recall");
            AssertFigure(judged.NegativeRecall, evaluation, "specificity");
            AssertFigure((judged.PositiveRecall + judged.NegativeRecall) / 2, evaluation, "balancedAccuracy");
            CollectionAssert.AreEqual(
                scored.GetColumn<float>("Probability").Select(p => (double?)p).ToArray(),
                run.Predictions.Select(p => p.Probability).ToArray());
            CollectionAssert.AreEqual(
                scored.GetColumn<bool>("PredictedLabel").Select(p => p ? 1.0 : 0.0).ToArray(),
                run.Predictions.Select(p => p.Prediction).ToArray());
            Assert.AreEqual("IsEnglish", evaluation.Labels.Single().Label);
            Assert.AreEqual(JsonSerializer.Serialize(evaluation.Figures),
                JsonSerializer.Serialize(evaluation.Labels[0].Figures));
            Assert.AreEqual(run.BestFolder, Path.GetDirectoryName(run.ModelFile));
            // The task is the model's: logits are never evaluated as numbers.
            SpeechRunColumns renamed = TinyRuns.Columns("IsEnglish");
            renamed.Probability = "P";
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentException>(() => run.Evaluate(model, _runs.Data, renamed)).Message,
                "Run, score column: expected one of ");
            using var source = new CancellationTokenSource();
            source.Cancel();
            Assert.Throws<OperationCanceledException>(() =>
                run.Evaluate(model, _runs.Data, TinyRuns.Columns("IsEnglish"), "cancelled", source.Token));
            Assert.HasCount(1, SpeechRun.Open(run.Folder).Evaluations);
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void OrdinalRun_FiguresAndThresholds_AreTheEvaluators()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = _runs.Ordinal(scratch.Folder);
        using (run)
        {
            RunEvaluation evaluation = Reopened(run, SpeechTask.Ordinal);
            IDataView scored = model.Transform(_runs.Data);
            OrdinalMetrics judged = _runs.Context.Speech().Ordinal.Evaluate(scored, "Level");
            Assert.AreEqual(1, judged.Missing);
            AssertFigure(judged.Accuracy, evaluation, "accuracy");
            AssertFigure(judged.Mae, evaluation, "mae");
            AssertFigure(judged.MacroMae, evaluation, "macroMae");
            AssertFigure(judged.WithinOne, evaluation, "withinOne");
            AssertFigure(judged.KappaQuadratic.Value, evaluation, "kappaQuadratic");
            AssertFigure(judged.Spearman.Value, evaluation, "spearman");
            AssertFigure(judged.Kendall.Value, evaluation, "kendall");
            CollectionAssert.AreEqual(new[] { "0", "1", "2" }, evaluation.Classes.ToArray());
            CollectionAssert.AreEqual(new[] { "≥ 1", "≥ 2" }, evaluation.Labels.Select(l => l.Label).ToArray());
            CollectionAssert.AreEqual(
                judged.Confusion.SelectMany(r => r).ToArray(), evaluation.Confusion.SelectMany(r => r).ToArray());

            uint[] truth = [.. scored.GetColumn<uint>("Level")];
            float[][] scores = [.. scored.GetColumn<float[]>("Score")];
            int[] rated = [.. Enumerable.Range(0, truth.Length).Where(i => truth[i] > 0)];
            for (int k = 0; k < 2; k++)
            {
                bool[] above = [.. rated.Select(i => truth[i] - 1 > k)];
                double[] probability = [.. rated.Select(i => scores[i].Skip(k + 1).Sum(p => (double)p))];
                Assert.AreEqual(PointMetrics.RocAuc(above, probability).Value!.Value,
                    evaluation.Labels[k].Figures["rocAuc"].Value!.Value, 1e-12);
                Assert.AreEqual(above.Count(a => a), evaluation.Labels[k].Positives);
            }
            AssertFigure(evaluation.Labels.Average(l => l.Figures["rocAuc"].Value), evaluation, "rocAuc");
            foreach (RunClip clip in run.Clips)
            {
                RunPrediction[] rows = [.. run.Predictions.Where(p => p.AudioKey == clip.AudioKey)];
                int right = Array.FindIndex(rows, p => p.Target == 1);
                Assert.AreEqual(rows.Select((p, c) => p.Probability!.Value * Math.Abs(c - right)).Sum(), clip.Loss,
                    1e-12);
            }
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void RegressionRun_FiguresAndPredictions_AreTheEvaluators()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = _runs.Regression(scratch.Folder);
        using (run)
        {
            RunEvaluation evaluation = Reopened(run, SpeechTask.Regression);
            IDataView scored = model.Transform(_runs.Data);
            SpeechRegressionMetrics judged = _runs.Context.Speech().Regression.Evaluate(scored, "Number");
            Assert.AreEqual(1, judged.Missing);
            AssertFigure(judged.Mae, evaluation, "mae");
            AssertFigure(judged.Rmse, evaluation, "rmse");
            AssertFigure(judged.R2.Value, evaluation, "r2");
            AssertFigure(judged.Ccc.Value, evaluation, "ccc");
            AssertFigure(judged.Pearson.Value, evaluation, "pearson");
            AssertFigure(judged.Spearman.Value, evaluation, "spearman");
            AssertFigure(judged.Kendall.Value, evaluation, "kendall");
            Assert.IsEmpty(evaluation.Labels);
            CollectionAssert.AreEqual(
                scored.GetColumn<float>("Score").Select(s => (double)s).ToArray(),
                run.Predictions.Select(p => p.Prediction).ToArray());
            Assert.IsNull(run.Predictions[5].Target);
            CollectionAssert.AreEqual(
                run.Predictions.Where(p => p.Target is not null).Select(p => Math.Abs(p.Target!.Value - p.Prediction))
                .OrderDescending().Take(6).ToArray(), run.Clips.Select(c => c.Loss).ToArray());
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void RegressionRun_SeveralNumbers_EachIsTheEvaluators()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = _runs.Numbers(scratch.Folder);
        using (run)
        {
            RunEvaluation evaluation = Reopened(run, SpeechTask.Regression);
            IDataView scored = model.Transform(_runs.Data);
            var judged = _runs.Context.Speech().Regression.EvaluateEach(scored, "Numbers");
            CollectionAssert.AreEqual(new[] { "Number", "Other" }, judged.Select(j => j.Name).ToArray());
            foreach (((string name, SpeechRegressionMetrics each), RunLabelEvaluation found) in
                judged.Zip(evaluation.Labels))
            {
                Assert.AreEqual(name, found.Label);
                Assert.AreEqual(12 - each.Missing, found.Present);
                Assert.AreEqual(each.Mae, found.Figures["mae"].Value!.Value, 1e-7);
                Assert.AreEqual(each.Ccc.Value!.Value, found.Figures["ccc"].Value!.Value, 1e-7);
            }
            AssertFigure(judged.Average(j => j.Metrics.Mae), evaluation, "mae");
            AssertFigure(judged.Average(j => j.Metrics.R2.Value), evaluation, "r2");
            CollectionAssert.AreEqual(
                scored.GetColumn<float[]>("Score").SelectMany(s => s).Select(s => (double)s).ToArray(),
                run.Predictions.Select(p => p.Prediction).ToArray());
            Assert.IsNull(run.Predictions.Single(p => p.AudioKey == run.Predictions[4].AudioKey && p.Label == "Other")
                .Target);
            foreach (RunClip clip in run.Clips)
            {
                Assert.AreEqual(run.Predictions.Where(p => p.AudioKey == clip.AudioKey && p.Target is not null)
                    .Average(p => Math.Abs(p.Target!.Value - p.Prediction)), clip.Loss, 1e-12);
            }
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() =>
                run.Evaluate(model, _runs.Data, TinyRuns.Columns("Number"), "one")).Message,
                "Run, label column 'Number': expected 2 numbers, as score column 'Score' has, got 1.");
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void EvaluationJson_WithoutAValue_IsNullWithTheReasonAndCountsTheLabels()
    {
        using var scratch = new Scratch();
        using SpeechRun run = _runs.Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(), new SpeechRunOptions { TensorBoard = false });
        // The second label has one class, the third is never rated.
        RunPrediction[] rows = [.. Enumerable.Range(0, 6).SelectMany(i => new[]
        {
            new RunPrediction($"c{i}", $"s{i}", "hoarse", 0.1 * i, null, "test", i > 2 ? 1 : 0, i > 4 ? 1 : 0),
            new RunPrediction($"c{i}", $"s{i}", "slow", 0.1 * i, null, "test", 0, 0),
            new RunPrediction($"c{i}", $"s{i}", "breathy", 0.5, null, "test", null, 1),
        })];
        run.Add(RunEvaluator.Evaluate(SpeechTask.MultiLabel, "test", rows, 50, 1), rows, [], []);
        string json = File.ReadAllText(Path.Combine(run.Folder, "evaluation.json"));
        Assert.DoesNotContain("NaN", json);
        JsonElement test = JsonDocument.Parse(json).RootElement[0];
        JsonElement auc = test.GetProperty("figures").GetProperty("rocAuc");
        Assert.AreEqual(1.0, auc.GetProperty("value").GetDouble());
        Assert.AreEqual((1, 2),
            (auc.GetProperty("labels").GetInt32(), auc.GetProperty("labelsWithoutValue").GetInt32()));
        JsonElement accuracy = test.GetProperty("figures").GetProperty("accuracy");
        Assert.AreEqual((2, 1),
            (accuracy.GetProperty("labels").GetInt32(), accuracy.GetProperty("labelsWithoutValue").GetInt32()));
        Assert.AreEqual((4 / 6.0 + 1) / 2, accuracy.GetProperty("value").GetDouble(), 1e-15);
        string[] undefined = [.. test.GetProperty("labels").EnumerateArray().Skip(1)
            .Select(l => l.GetProperty("figures").GetProperty("rocAuc")).Select(f =>
            $"{f.GetProperty("value").ValueKind} {f.GetProperty("undefined").GetString()} " +
                $"{f.GetProperty("interval").ValueKind}")];
        CollectionAssert.AreEqual(new[] { "Null no positives Null", "Null no labels Null" }, undefined);
    }

    [TestMethod]
    public void RecordCheck_OpenedAgain_IsTheSame()
    {
        using var scratch = new Scratch();
        using SpeechRun run = _runs.Context.Speech()
            .CreateRun(scratch.Folder, TinyRuns.MultiLabel(), new SpeechRunOptions { TensorBoard = false });
        Assert.IsNull(run.DataCheck);
        SpeechDataReport check = TaskRuns.Check(_runs.Context);
        Assert.IsFalse(check.IsClean);
        run.RecordCheck(check);
        Assert.AreEqual(check.ToJson(), SpeechRun.Open(run.Folder).DataCheck!.ToJson());
    }

    private static RunEvaluation Reopened(SpeechRun run, SpeechTask task)
    {
        SpeechRun opened = SpeechRun.Open(run.Folder);
        CollectionAssert.AreEqual(run.Epochs.ToArray(), opened.Epochs.ToArray());
        Assert.HasCount(3, opened.Epochs);
        foreach (RunEpoch epoch in opened.Epochs)
        {
            Assert.IsTrue(epoch is { GradientNorm: > 0, Seconds: > 0, MemoryMiB: > 0 }
                && epoch.LargestGradientNorm >= epoch.GradientNorm, epoch.ToString());
        }
        CollectionAssert.AreEqual(run.Predictions.ToArray(), opened.Predictions.ToArray());
        RunEvaluation evaluation = opened.Evaluations.Single();
        Assert.AreEqual(task, evaluation.Task);
        Assert.AreEqual(JsonSerializer.Serialize(run.Evaluations[0], RunFiles.Json),
            JsonSerializer.Serialize(evaluation, RunFiles.Json));
        Assert.HasCount(6, opened.Clips);
        return evaluation;
    }

    private static void AssertFigure(double? want, RunEvaluation evaluation, string name)
    {
        RunFigure figure = evaluation.Figures[name];
        Assert.AreEqual(want!.Value, figure.Value!.Value, 1e-7, name);
        RunInterval interval = figure.Interval!;
        Assert.IsTrue(interval.Low.Value <= figure.Value + 1e-9 && figure.Value <= interval.High.Value + 1e-9,
            $"{name}: {interval}");
    }
}
