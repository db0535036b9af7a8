using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training;

/// <summary>Rates over the run, from the options.</summary>
[TestClass]
public sealed class TrainingScheduleTests
{
    [TestMethod]
    public void Create_GammaPerStepAndPerEpoch_AsPyTorchsExponentialLR()
    {
        var options = new SpeechTrainingOptions { Schedule = { WarmupRatio = 0, Gamma = 0.5 } };
        Func<long, double> rate = TrainingSchedule.Create(options, LearningRateDecay.Exponential, 8, 12, 3);
        CollectionAssert.AreEqual(new double[] { 8, 4, 2, 1 }, Enumerable.Range(0, 4).Select(i => rate(i)).ToArray());
        options.Schedule.PerEpoch = true;
        rate = TrainingSchedule.Create(options, LearningRateDecay.Exponential, 8, 12, 3);
        double[] expected = [8, 8, 8, 4, 4, 4, 2, 2, 2, 1, 1, 1];
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.AreEqual(expected[step], rate(step), 1e-12, $"step {step}");
        }
    }

    [TestMethod]
    public void Create_PerEpoch_WarmsUpByStepThenHoldsTheRateOfTheEpochsFirstStep()
    {
        var options = new SpeechTrainingOptions { Schedule = { WarmupRatio = 0.25, PerEpoch = true } };
        Func<long, double> rate = TrainingSchedule.Create(options, LearningRateDecay.Linear, 1, 16, 4);
        double[] expected = [0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 8 / 12.0, 8 / 12.0, 8 / 12.0, 8 / 12.0, 4 / 12.0, 4 / 12.0,
            4 / 12.0, 4 / 12.0];
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.AreEqual(expected[step], rate(step), 1e-12, $"step {step}");
        }
    }

    [TestMethod]
    public void Fit_SchedulesOfTheirOwn_EncoderAndHeadMoveApart()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        (options.Schedule.Decay, options.Schedule.HeadDecay, options.Schedule.WarmupRatio) =
            (LearningRateDecay.Linear, LearningRateDecay.Constant, 0);
        var recorder = new TrainingRuns.Recorder();
        TrainingRuns.Fit(options, recorder);
        foreach (TrainingProgress step in recorder.Steps)
        {
            Assert.AreEqual(options.HeadLearningRate, step.HeadLearningRate);
            Assert.AreEqual(options.EncoderLearningRate * (step.Steps - step.Step + 1) / step.Steps,
                step.EncoderLearningRate, 1e-12);
        }
    }

    [TestMethod]
    public void Fit_Plateau_LowersTheRatesAndGoesOnFromACheckpointAlike()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        // No epoch improves the accuracy by rates as low as these: every epoch after the first is one without
        // improvement.
        (options.Schedule.Decay, options.Schedule.WarmupRatio, options.Schedule.PlateauPatience,
            options.Schedule.PlateauFactor, options.Epochs) =
            (LearningRateDecay.Plateau, 0, 0, 0.5, 5);
        (options.EncoderLearningRate, options.HeadLearningRate, options.EarlyStopping.Metric,
            options.EarlyStopping.Patience) = (1e-12, 1e-9, SpeechMetrics.Accuracy.Name, 9);
        var recorder = new TrainingRuns.Recorder();
        byte[] whole = TrainingRuns.Fit(options, recorder);
        double[] rates = [.. recorder.Epochs.Select(e => e.HeadLearningRate / options.HeadLearningRate)];
        CollectionAssert.AreEqual(new[] { 1, 1, 0.5, 0.25, 0.125 }, rates);

        using var scratch = new Scratch();
        options.Checkpoints.Folder = scratch.At("run");
        Assert.ThrowsExactly<OperationCanceledException>(() => TrainingRuns.Fit(options, new TrainingRuns.Recorder(p =>
        {
            if (p is { Epoch: 3, EpochLoss: not null })
            {
                throw new OperationCanceledException();
            }
        })));
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(options));
    }

    [TestMethod]
    public void Fit_PlateauWithoutValidationData_Throws()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        options.Schedule.HeadDecay = LearningRateDecay.Plateau;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => TrainingRuns.Fit(options, validated: false));
        Assert.AreEqual(
            "Option Schedule.HeadDecay: expected Fit(trainData, validationData), because it is Plateau, got no " +
            "validation " +
            "data.", error.Message);
    }
}
