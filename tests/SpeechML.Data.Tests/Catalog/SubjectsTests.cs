using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.Tests.Catalog;

[TestClass]
public sealed class SubjectsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(SubjectCombination.Mean, 0.6f, 0.4f)]
    [DataRow(SubjectCombination.Median, 0.8f, 0.4f)]
    [DataRow(SubjectCombination.Vote, 2 / 3f, 0f)]
    public void CombineMultiLabel_ClipsOfASubject_OneRow(SubjectCombination how, float a, float b)
    {
        IDataView combined = _mlContext.Speech().MultiLabel.Combine(Clips(), "Subject", how, "Labels");
        CollectionAssert.AreEqual(new[] { "a", "b" }, combined.GetColumn<string>("Subject").ToArray());
        CollectionAssert.AreEqual(new[] { 3f, 1f }, combined.GetColumn<float>("Clips").ToArray());
        float[][] probabilities = [.. combined.GetColumn<float[]>("Probability")],
            labels = [.. combined.GetColumn<float[]>("Labels")];
        Assert.AreEqual(a, probabilities[0][0], 1e-6f);
        Assert.AreEqual(b, probabilities[1][0], 1e-6f);
        Assert.AreEqual(1f, labels[0][0]);
        Assert.IsTrue(float.IsNaN(labels[1][1]), "no clip is rated");
        MultiLabelMetrics metrics = _mlContext.Speech().MultiLabel.Evaluate(combined, "Labels");
        Assert.AreEqual(1.0, metrics.RocAuc.PerLabel[0].Value);
        Assert.AreEqual(2, _mlContext.Speech().MultiLabel.EvaluateIntervals(combined, "Subject", "Labels").Subjects);
    }

    [TestMethod]
    public void CombineMultiLabel_LabelsThatDiffer_AreSaid()
    {
        List<string> log = [];
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                log.Add(e.RawMessage);
            }
        };
        _mlContext.Speech().MultiLabel.Combine(Clips(), "Subject", labelColumnName: "Labels");
        CollectionAssert.AreEqual(
            new[] { "'Labels' differs between the clips of 1 of 2 subjects: the label of most clips is taken" }, log);
    }

    [TestMethod]
    [DataRow(SubjectCombination.Mean)]
    [DataRow(SubjectCombination.Median)]
    [DataRow(SubjectCombination.Vote)]
    public void CombineMulticlass_ClipsOfASubject_JudgedByMLNet(SubjectCombination how)
    {
        ClassClip[] clips =
        [
            new() { Subject = "s", Label = "en", Score = [0.9f, 0.05f, 0.05f] },
            new() { Subject = "s", Label = "en", Score = [0.5f, 0.4f, 0.1f] },
            new() { Subject = "s", Label = "en", Score = [0.1f, 0.2f, 0.7f] },
            new() { Subject = "t", Label = "fr", Score = [0.2f, 0.7f, 0.1f] },
            new() { Subject = "u", Label = "it", Score = [0.1f, 0.1f, 0.8f] },
        ];
        IDataView data = _mlContext.Data.LoadFromEnumerable(clips);
        data = _mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        IDataView combined = _mlContext.Speech().Multiclass.Combine(data, "Subject", how);
        float[] s = combined.GetColumn<float[]>("Score").First();
        Assert.AreEqual(1f, s.Sum(), 1e-6f);
        Assert.AreEqual(how == SubjectCombination.Mean ? 0.5f : how == SubjectCombination.Median ? 0.5f / 0.8f : 2 / 3f,
            s[0], 1e-6f);
        Assert.AreEqual(1.0, _mlContext.MulticlassClassification.Evaluate(combined).MicroAccuracy);
        Assert.AreEqual("fr", _mlContext.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel").Fit(combined)
            .Transform(combined).GetColumn<string>("Name").ElementAt(1));
    }

    [TestMethod]
    [DataRow(SubjectCombination.Mean, 0.5f)]
    [DataRow(SubjectCombination.Median, 0.3f)]
    [DataRow(SubjectCombination.Vote, 1 / 3f)]
    public void CombineBinary_ClipsOfASubject_OneRow(SubjectCombination how, float a)
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new YesNoClip[]
        {
            new() { Subject = "a", Label = true, Probability = 0.9f },
                new() { Subject = "a", Label = true, Probability = 0.3f },
            new() { Subject = "b", Label = false, Probability = 0.2f },
            new() { Subject = "a", Label = false, Probability = 0.3f },
        });
        IDataView combined = _mlContext.Speech().Binary.Combine(data, "Subject", how);
        CollectionAssert.AreEqual(new[] { true, false }, combined.GetColumn<bool>("Label").ToArray());
        float[] probabilities = [.. combined.GetColumn<float>("Probability")];
        Assert.AreEqual(a, probabilities[0], 1e-6f);
        Assert.AreEqual(how == SubjectCombination.Vote ? 0 : 0.2f, probabilities[1], 1e-6f);
        Assert.AreEqual(1.0, _mlContext.BinaryClassification.EvaluateNonCalibrated(
            combined, scoreColumnName: "Probability").AreaUnderRocCurve);
    }

    [TestMethod]
    public void CombineOrdinal_MedianOfTheCombinedProbabilities_IsTheClass()
    {
        ClassClip[] clips =
        [
            new() { Subject = "s", Label = "1", Score = [0.45f, 0.1f, 0.45f] },
            new() { Subject = "s", Label = "1", Score = [0.45f, 0.1f, 0.45f] },
            new() { Subject = "t", Label = "2", Score = [0.1f, 0.2f, 0.7f] },
            new() { Subject = "u", Label = "0", Score = [0.7f, 0.2f, 0.1f] },
        ];
        IDataView data = _mlContext.Data.LoadFromEnumerable(clips);
        data = _mlContext.Transforms.Conversion.MapValueToKey(
            "Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data)
            .Transform(data);
        Assert.AreEqual(1.0, _mlContext.Speech()
            .Ordinal.Evaluate(_mlContext.Speech().Ordinal.Combine(data, "Subject")).Accuracy);
        Assert.AreEqual(1u, _mlContext.Speech().Multiclass.Combine(data, "Subject").GetColumn<uint>("PredictedLabel")
            .First());
    }

    [TestMethod]
    public void CombineRegression_MeanAndMedian_VoteIsRefused()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(
            new NumberClip[] { new() { Subject = "a", Label = 1, Score = 1 },
            new() { Subject = "a", Label = float.NaN, Score = 2 }, new() { Subject = "a", Label = 2, Score = 6 } });
        Assert.AreEqual(3f, _mlContext.Speech().Regression.Combine(data, "Subject").GetColumn<float>("Score").Single());
        IDataView median = _mlContext.Speech().Regression.Combine(data, "Subject", SubjectCombination.Median);
        Assert.AreEqual(2f, median.GetColumn<float>("Score").Single());
        Assert.AreEqual(1.5f, median.GetColumn<float>("Label").Single());
        Assert.AreEqual(
            "Option how: expected Mean or Median, because numbers do not vote, got 'Vote'.",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech()
            .Regression.Combine(data, "Subject", SubjectCombination.Vote)).Message);
    }

    [TestMethod]
    public void LeaveOneSubjectOut_EachSubjectOnce_NeverInItsTrainingPart()
    {
        IReadOnlyList<SpeechFold> folds = _mlContext.Speech().LeaveOneSubjectOut(Clips(), "Subject");
        CollectionAssert.AreEqual(new[] { "a", "b" }, folds.Select(f => f.Subject).ToArray());
        foreach (SpeechFold fold in folds)
        {
            Assert.IsTrue(fold.Test.GetColumn<string>("Subject").All(s => s == fold.Subject));
            Assert.IsFalse(fold.Train.GetColumn<string>("Subject").Contains(fold.Subject));
            Assert.AreEqual(4, fold.Test.GetColumn<string>("Subject").Concat(fold.Train.GetColumn<string>("Subject"))
                .Count());
        }
    }

    [TestMethod]
    public void CompareMultiLabel_OtherRows_AreRefused()
    {
        IDataView all = Clips(), some = _mlContext.Data.TakeRows(all, 3);
        Assert.AreEqual(0.0, _mlContext.Speech()
            .MultiLabel.Compare(all, all, "Subject", "Labels")[SpeechMetrics.Brier].Macro.Estimate.Value);
        Assert.AreEqual(
            "Two models: expected the same rows twice, in one order, got subjects or labels that differ (4 and 3 " +
            "rows). (Parameter 'second')",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech()
            .MultiLabel.Compare(all, some, "Subject", "Labels")).Message);
        Assert.HasCount(2, _mlContext.Speech().MultiLabel.EvaluateByGroup(all, "Subject", "Subject", "Labels").Groups);
    }

    private IDataView Clips() => _mlContext.Data.LoadFromEnumerable(new Clip[]
    {
        new() { Subject = "a", Labels = [1, 1], Probability = [0.9f, 0.5f] },
        new() { Subject = "b", Labels = [0, -1], Probability = [0.4f, 0.5f] },
        new() { Subject = "a", Labels = [1, 0], Probability = [0.8f, 0.5f] },
        new() { Subject = "a", Labels = [1, -1], Probability = [0.1f, 0.5f] },
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

        public string Label { get; set; } = "";

        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }

    private sealed class YesNoClip
    {
        public string Subject { get; set; } = "";

        public bool Label { get; set; }

        public float Probability { get; set; }
    }

    private sealed class NumberClip
    {
        public string Subject { get; set; } = "";

        public float Label { get; set; }

        public float Score { get; set; }
    }
}
