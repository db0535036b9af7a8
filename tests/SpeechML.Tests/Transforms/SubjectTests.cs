using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Tests.Transforms;

/// <summary>Scores of subjects rather than clips.</summary>
[TestClass]
public sealed class SubjectTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(SubjectCombination.Mean, 0.4f)]
    [DataRow(SubjectCombination.Median, 0.2f)]
    [DataRow(SubjectCombination.Vote, 1 / 3f)]
    public void CombineMultiLabel_ThreeClips_BecomeOneRow(SubjectCombination how, float expected)
    {
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(e.RawMessage);
            }
        };
        IDataView subjects = _mlContext.Speech().CombineMultiLabel(Clips(), "Subject", how);
        CollectionAssert.AreEqual(new[] { "s", "t" }, subjects.GetColumn<string>("Subject").ToArray());
        CollectionAssert.AreEqual(new[] { 3f, 1 }, subjects.GetColumn<float>("Clips").ToArray());
        Assert.AreEqual(expected, subjects.GetColumn<float[]>("Probability").First()[0], 1e-6f);
        // rated 0, 1 and not at all: a tie is positive
        CollectionAssert.AreEqual(new[] { 0f, 1 }, subjects.GetColumn<float[]>("Labels").First());
        Assert.IsTrue(float.IsNaN(subjects.GetColumn<float[]>("Labels").Last()[1]));
        CollectionAssert.AreEqual(new[] { "'Labels' differs between the clips of 1 of 2 subjects: the label of most clips is taken" }, warnings);
        Assert.AreEqual(0.0, _mlContext.Speech().EvaluateMultiLabel(subjects).Hamming.Value);
        Assert.AreEqual(2, _mlContext.Speech().EvaluateMultiLabelIntervals(subjects, "Subject", options: new SubjectBootstrapOptions { Resamples = 50 }).Subjects);
    }

    [TestMethod]
    [DataRow(SubjectCombination.Mean, 1.6f / 3)]
    [DataRow(SubjectCombination.Median, 0.6f)]
    [DataRow(SubjectCombination.Vote, 2 / 3f)]
    public void CombineMulticlass_ThreeClips_AreJudgedByMLNet(SubjectCombination how, float expected)
    {
        IDataView clips = _mlContext.Data.LoadFromEnumerable(new ClassClip[]
        {
            new() { Subject = "s", Name = "a", Score = [0.6f, 0.4f] },
            new() { Subject = "t", Name = "b", Score = [0.1f, 0.9f] },
            new() { Subject = "s", Name = "a", Score = [0.7f, 0.3f] },
            new() { Subject = "s", Name = "a", Score = [0.3f, 0.7f] },
        });
        clips = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(clips).Transform(clips);
        IDataView subjects = _mlContext.Speech().CombineMulticlass(clips, "Subject", how);
        Assert.AreEqual(expected, subjects.GetColumn<float[]>("Score").First()[0], 1e-6f);
        Assert.AreEqual(1, _mlContext.MulticlassClassification.Evaluate(subjects).MicroAccuracy);
        CollectionAssert.AreEqual(
            new[] { "a", "b" }, _mlContext.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel").Fit(subjects).Transform(subjects).GetColumn<string>("Predicted").ToArray());
    }

    [TestMethod]
    public void CombineRegression_MissingLabels_AreLeftOut()
    {
        IDataView clips = _mlContext.Data.LoadFromEnumerable(new[] { (1f, 2f), (float.NaN, 5f), (3f, 8f) }.Select(p => new NumberClip { Label = p.Item1, Score = p.Item2 }));
        IDataView subjects = _mlContext.Speech().CombineRegression(clips, "Subject", SubjectCombination.Median);
        Assert.AreEqual(2, subjects.GetColumn<float>("Label").Single());
        Assert.AreEqual(5, subjects.GetColumn<float>("Score").Single());
        Assert.AreEqual(
            "Option how: expected Mean or Median, because numbers do not vote, got 'Vote'.",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech().CombineRegression(clips, "Subject", SubjectCombination.Vote)).Message);
        Assert.AreEqual(
            "Column 'Subject': expected two subjects or more to leave one out, got 1. (Parameter 'subjectColumnName')",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech().LeaveOneSubjectOut(clips, "Subject")).Message);
    }

    [TestMethod]
    public void LeaveOneSubjectOut_EachSubject_IsTestedOnceAndNeverTrainedOn()
    {
        IReadOnlyList<SpeechFold> folds = _mlContext.Speech().LeaveOneSubjectOut(Clips(), "Subject");
        CollectionAssert.AreEqual(new[] { "s", "t" }, folds.Select(f => f.Subject).ToArray());
        Assert.AreEqual(4, folds.Sum(f => f.Test.GetColumn<string>("Subject").Count()));
        foreach (SpeechFold fold in folds)
        {
            Assert.IsTrue(fold.Test.GetColumn<string>("Subject").All(s => s == fold.Subject));
            Assert.IsTrue(fold.Train.GetColumn<string>("Subject").All(s => s != fold.Subject));
            Assert.AreEqual(4, fold.Train.GetColumn<string>("Subject").Count() + fold.Test.GetColumn<string>("Subject").Count());
        }
    }

    private IDataView Clips() => _mlContext.Data.LoadFromEnumerable(new Clip[]
    {
        new() { Subject = "s", Labels = [0, 1], Probability = [0.9f, 0.6f] },
        new() { Subject = "s", Labels = [0, 0], Probability = [0.1f, 0.6f] },
        new() { Subject = "t", Labels = [1, -1], Probability = [0.7f, 0.6f] },
        new() { Subject = "s", Labels = [0, -1], Probability = [0.2f, 0.6f] },
    });

    private sealed class Clip
    {
        public string Subject { get; set; } = "";

        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] Probability { get; set; } = [];
    }

    private sealed class ClassClip
    {
        public string Subject { get; set; } = "";

        public string Name { get; set; } = "";

        [VectorType(2)]
        public float[] Score { get; set; } = [];
    }

    private sealed class NumberClip
    {
        public string Subject { get; set; } = "s";

        public float Label { get; set; }

        public float Score { get; set; }
    }
}
