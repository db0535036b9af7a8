using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Training;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training;

/// <summary>A loss over nothing is not a number, and never the best.</summary>
[TestClass]
public sealed class NoLossTests
{
    [TestMethod]
    public void Mean_OfNothing_IsNaN()
    {
        Assert.IsTrue(double.IsNaN(TrainingState.Mean(0, 0)));
        Assert.AreEqual(0.5, TrainingState.Mean(1, 2));
    }

    /// <summary>The concordance of one clip does not exist: no epoch is the best by it, and the run ends.</summary>
    [TestMethod]
    public void Fit_ConcordanceOfOneValidationClip_NoEpochIsBest()
    {
        var small = new SmallRuns();
        var steps = new List<TrainingProgress>();
        IDataView data = small.Context.Transforms
            .CustomMapping<WithKey, WithNumber>((row, number) => number.Number = row.Key, null)
            .Fit(small.Data).Transform(small.Data);
        SpeechClassificationOptions like = SmallRuns.Options();
        using var model = small.Context.Regression.Trainers.SpeechRegression(
            "Number", "Audio", new SpeechRegressionOptions
            {
                Layers = EncoderLayers.Last,
                Encoder = like.Encoder,
                Epochs = 2,
                BatchSize = 4,
                Loss = RegressionLoss.Concordance,
            }, new Collect(steps)).Fit(data, small.Context.Data.TakeRows(data, 1));
        TrainingProgress[] ends = [.. steps.Where(s => s.Validation is not null)];
        Assert.HasCount(2, ends);
        foreach (TrainingProgress end in ends)
        {
            Assert.AreEqual(double.NaN, end.Validation!.Loss);
            Assert.IsNull(end.BestEpoch);
        }
    }

    private sealed class Collect(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }

    private sealed class WithKey
    {
        [KeyType(5)]
        public uint Key { get; set; }
    }

    private sealed class WithNumber
    {
        public float Number { get; set; }
    }
}
