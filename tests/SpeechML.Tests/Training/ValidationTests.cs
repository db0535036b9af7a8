using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training;

/// <summary>Validation data during a run: figures, early stopping, the best epoch.</summary>
[TestClass]
public sealed class ValidationTests
{
    [TestMethod]
    public void Fit_ValidationData_ReportsWhatTheEvaluatorFinds()
    {
        var mlContext = new MLContext(seed: 1);
        var recorder = new TrainingRuns.Recorder();
        SpeechClassificationOptions options = TrainingRuns.Options();
        options.EarlyStopping.KeepBest = false;
        List<PromptRow> rows = Prompts.Rows(16);
        var audio = PromptAudio.Pipeline(mlContext).Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Fit(mlContext.Data.LoadFromEnumerable(rows));
        IDataView validation = audio.Transform(mlContext.Data.LoadFromEnumerable(rows.Skip(10)));

        using var model = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", options, recorder)
            .Fit(audio.Transform(mlContext.Data.LoadFromEnumerable(rows.Take(10))), validation);

        MulticlassClassificationMetrics expected =
            mlContext.MulticlassClassification.Evaluate(model.Transform(validation));
        Assert.HasCount(options.Epochs, recorder.Epochs);
        Assert.IsTrue(recorder.Steps.All(s => (s.Validation is null) == (s.EpochLoss is null)));
        ValidationMetrics last = recorder.Steps[^1].Validation!;
        Assert.AreEqual(expected.LogLoss, last.Loss, 1e-5);
        Assert.AreEqual(expected.MicroAccuracy, last[SpeechMetrics.Accuracy].Value!.Value, 1e-9);
        Assert.AreEqual(recorder.Epochs.MinBy(e => e.Validation!.Loss)!.Epoch, recorder.Steps[^1].BestEpoch);
    }

    [TestMethod]
    public void Fit_MultiLabel_ReportsMacroAuc()
    {
        var mlContext = new MLContext(seed: 1);
        var recorder = new TrainingRuns.Recorder();
        var options = new SpeechMultiLabelOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            Epochs = 2,
            Freezing = LayerFreezing.All,
            FocalGamma = 2,
            EarlyStopping = { KeepBest = false }
        };
        IDataView data = PromptAudio.Pipeline(mlContext).Fit(Prompts.View(mlContext, 12))
            .Transform(Prompts.View(mlContext, 12));
        using var model = mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options, recorder)
            .Fit(data, data);

        MultiLabelMetrics expected = MultiLabelMetrics.Evaluate(
            [.. data.GetColumn<float[]>("Labels")], [.. model.Transform(data).GetColumn<float[]>("Probability")]);
        ValidationMetrics last = recorder.Steps[^1].Validation!;
        Assert.AreEqual(expected.RocAuc.Macro.Value!.Value, last[SpeechMetrics.RocAuc].Value!.Value, 1e-9);
        Assert.AreEqual(expected.BalancedAccuracy.Macro.Value!.Value, last[SpeechMetrics.BalancedAccuracy].Value!.Value,
            1e-9);
    }

    [TestMethod]
    public void Fit_NoImprovement_StopsAndKeepsTheBestEpochsWeights()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        (options.Schedule.Decay, options.Schedule.WarmupRatio, options.Epochs) = (LearningRateDecay.Constant, 0, 1);
        byte[] first = TrainingRuns.Fit(options);

        // No epoch after the first improves by so much: the best one is the first, and two more are tried.
        (options.Epochs, options.EarlyStopping.Metric, options.EarlyStopping.MinDelta, options.EarlyStopping.Patience) =
            (9, SpeechMetrics.Loss.Name, 100, 2);
        var recorder = new TrainingRuns.Recorder();
        byte[] best = TrainingRuns.Fit(options, recorder);
        options.EarlyStopping.KeepBest = false;
        byte[] last = TrainingRuns.Fit(options);

        Assert.AreEqual(3, recorder.Steps[^1].Epoch);
        Assert.AreEqual(1, recorder.Steps[^1].BestEpoch);
        CollectionAssert.AreEqual(first, best);
        CollectionAssert.AreNotEqual(first, last);
    }

    [TestMethod]
    public void Fit_EarlyStoppingWithoutValidationData_Throws()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        options.EarlyStopping.Metric = SpeechMetrics.BalancedAccuracy.Name;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => TrainingRuns.Fit(options, validated: false));
        Assert.AreEqual(
            "Option EarlyStopping.Metric: expected Fit(trainData, validationData), because it is balancedAccuracy, " +
            "got no validation data.", error.Message);
    }

    [TestMethod]
    public void Fit_ValidationKeysOfTheirOwn_Throws()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView Keyed(IEnumerable<string> labels)
        {
            IDataView view = mlContext.Data.LoadFromEnumerable(
                labels.Select(l => new PromptRow { Path = Prompts.Rows(1)[0].Path, Label = l }));
            return PromptAudio.Pipeline(mlContext).Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
                .Fit(view).Transform(view);
        }
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", TrainingRuns.Options());
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            trainer.Fit(Keyed(["a", "b"]), Keyed(["b", "a"])));
        Assert.AreEqual(
            "Validation data, label column 'Label': expected the values of the training data, 'a', 'b', got 'b', " +
            "'a'. Make keys of both by one fitted MapValueToKey.", error.Message);
    }

    [TestMethod]
    public void SpeechRegression_StopsByAccuracy_Refused()
    {
        var options = new SpeechRegressionOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = "folder",
            EarlyStopping = { Metric = SpeechMetrics.Accuracy.Name }
        };
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            new MLContext().Regression.Trainers.SpeechRegression("Label", "Audio", options));
        Assert.AreEqual(
            "Option EarlyStopping.Metric: expected empty (none) or one of loss, mae, rmse, r2, ccc, pearson, " +
            "spearman, kendall, which this task has, got 'accuracy'.", error.Message);
    }

    [TestMethod]
    public void Fit_ExponentialSchedule_EndsAtTheShare()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        (options.Schedule.Decay, options.Schedule.WarmupRatio, options.Schedule.EndFactor) =
            (LearningRateDecay.Exponential, 0.25, 0.01);
        var recorder = new TrainingRuns.Recorder();
        TrainingRuns.Fit(options, recorder);
        long steps = recorder.Steps[^1].Steps;
        long warmUp = (long)Math.Round(steps * 0.25);
        for (int i = 0; i < steps; i++)
        {
            double share = i < warmUp ? (double)i / warmUp : Math.Pow(0.01, (i - warmUp) / (double)(steps - warmUp));
            Assert.AreEqual(options.EncoderLearningRate * share, recorder.Steps[i].EncoderLearningRate, 1e-12,
                $"step {i}");
        }
    }

    [TestMethod]
    public void Fit_BalancedClassesOrFocalLoss_ChangeTheLoss()
    {
        double Loss(Action<SpeechClassificationOptions> change)
        {
            SpeechClassificationOptions options = TrainingRuns.Options();
            options.Epochs = 1;
            change(options);
            var recorder = new TrainingRuns.Recorder();
            TrainingRuns.Fit(options, recorder);
            return recorder.Steps[0].Loss;
        }
        double plain = Loss(_ => { });
        Assert.AreNotEqual(plain, Loss(o => o.BalanceClasses = true));
        // (1 - p)^gamma is below 1 for every clip.
        Assert.IsLessThan(plain, Loss(o => o.FocalGamma = 2));
    }
}
