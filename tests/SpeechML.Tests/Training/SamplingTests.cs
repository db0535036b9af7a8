using Microsoft.ML;
using SpeechML.Tests.Training.Extras;
using SpeechML.Tests.Trainers;
using SpeechML.Training;

namespace SpeechML.Tests.Training;

/// <summary>Epochs in which labels or subjects are in balance.</summary>
[TestClass]
public sealed class SamplingTests
{
    [TestMethod]
    public void Draw_RareClass_IsDrawnAsOftenAsTheOther()
    {
        // 2 of one class, 18 of the other.
        float[][] targets = [.. Enumerable.Range(0, 20).Select(i => new[] { i < 2 ? 1f : 0f })];
        int[] drawn = SamplingShares.Draw(SamplingShares.ByLabel(targets), new Random(3));
        Assert.HasCount(20, drawn);
        Assert.AreEqual(10, drawn.Count(i => i < 2));
        Assert.AreEqual(5, drawn.Count(i => i == 0));
        int[] subjects = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2];
        drawn = SamplingShares.Draw(SamplingShares.BySubject(subjects), new Random(3));
        Assert.AreEqual("4,4,4", string.Join(",", drawn.CountBy(i => subjects[i]).OrderBy(c => c.Key).Select(c => c.Value)));
    }

    [TestMethod]
    public void ByLabel_SeveralLabels_IsTheMeanOverThoseThatAreRated()
    {
        double[] shares = SamplingShares.ByLabel([[1, 0], [0, float.NaN], [0, 0], [float.NaN, float.NaN]]);
        Assert.AreEqual((1 + (1 / 2.0)) / 2, shares[0], 1e-9);
        Assert.AreEqual(1 / 2.0, shares[1], 1e-9);
        Assert.AreEqual(1 / 2.0, shares[2], 1e-9);
        Assert.AreEqual(0, shares[3]);
        Assert.DoesNotContain(3, SamplingShares.Draw(shares, new Random(1)));
    }

    [TestMethod]
    public void Order_OfAnEpoch_DependsOnSeedAndNumberAlone()
    {
        double[] shares = SamplingShares.BySubject([0, 0, 0, 0, 1, 2]);
        var options = new SpeechBinaryOptions { BatchSize = 2, Seed = 4 };
        TrainingOrder Make() => TrainingOrder.Shuffled([1, 1, 1, 1, 1, 1], options, shares);
        string Text(TrainingOrder order, int epoch) =>
            string.Join(' ', order.Epoch(epoch).SelectMany(g => g).SelectMany(b => b));
        TrainingOrder whole = Make();
        _ = Text(whole, 1);
        Assert.AreEqual(Text(whole, 2), Text(Make(), 2));
        Assert.AreNotEqual(Text(whole, 1), Text(whole, 2));
    }

    [TestMethod]
    [DataRow(ClipSampling.BalancedByLabel)]
    [DataRow(ClipSampling.BalancedBySubject)]
    public void Fit_Balanced_IsAnotherModelAndRepeatable(ClipSampling sampling)
    {
        var mlContext = new MLContext(seed: 1);
        MeasuredClip[] rows = [.. MeasuredClips.Rows(12).Where((r, i) => i % 2 == 0 || i < 4)];
        IDataView data = MeasuredClips.View(mlContext, rows);
        float[][] plain = Scores(ClipSampling.Shuffled), balanced = Scores(sampling);
        PipelineTests.AssertEqual(balanced, Scores(sampling), 0);
        Assert.IsFalse(plain.Zip(balanced).All(p => p.First[0] == p.Second[0]));

        float[][] Scores(ClipSampling sampling)
        {
            using var model = (IDisposable)MeasuredClips.Fit(mlContext, "binary", data, o =>
            {
                (o.ExtraFeatures, o.Freezing) = ("", LayerFreezing.All);
                (o.Sampling, o.SubjectColumnName) = (sampling, "Subject");
            });
            return MeasuredClips.Scores((ITransformer)model, "binary", data);
        }
    }

    [TestMethod]
    public void Options_ThatCannotBeBalanced_AreRefused()
    {
        Assert.Contains("SubjectColumnName", Error(new SpeechBinaryOptions
        {
            Encoder = "x",
            Sampling = ClipSampling.BalancedBySubject,
        }));
        Assert.Contains("a number has no classes", Error(new SpeechRegressionOptions
        {
            Encoder = "x",
            Sampling = ClipSampling.BalancedByLabel,
        }));

        static string Error(SpeechTrainingOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }

    [TestMethod]
    public void AdapterRate_NotSet_IsItsOwn()
    {
        Assert.AreEqual(1e-5, new SpeechBinaryOptions().EncoderRateInUse);
        Assert.AreEqual(1e-3, new SpeechBinaryOptions { Lora = { Rank = 4 } }.EncoderRateInUse);
        Assert.AreEqual(2e-4,
            new SpeechBinaryOptions { Lora = { Rank = 4 }, EncoderLearningRate = 2e-4 }.EncoderRateInUse);
        Assert.AreEqual(5e-4, new SpeechBinaryOptions
        {
            Lora = { Rank = 4, LearningRate = 5e-4 },
            EncoderLearningRate = 2e-4,
        }.EncoderRateInUse);
    }
}
