using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Metrics;
using SpeechML.Transforms;

namespace SpeechML.Tests.Transforms;

/// <summary>Thresholds, calibration and fusion on scores that are there already.</summary>
[TestClass]
public sealed class DecisionTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<string> _warnings = [];

    public DecisionTests()
    {
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
            {
                _warnings.Add(e.RawMessage);
            }
        };
    }

    [TestMethod]
    public void Thresholds_OfValidation_DecideOnDataWithoutLabels()
    {
        ThresholdTransformer thresholds = _mlContext.Speech().Thresholds(rule: ThresholdRule.BestF1).Fit(Validation());
        // the last clip's first label is missing: with it, 0.99 would be among the thresholds
        Assert.AreEqual(0.35f, thresholds.Thresholds[0]);
        Assert.AreEqual(0.5, thresholds.Thresholds[1]);
        CollectionAssert.AreEqual(new[] { "threshold of label '1': no negatives among its 5 rated clips, it stays at 0.5" }, _warnings);

        IDataView test = _mlContext.Data.LoadFromEnumerable(new[] { new Unlabelled { Probability = [0.35f, 0.49f] }, new Unlabelled { Probability = [0.3f, 0.5f] } });
        bool[][] decided = [.. Reloaded(thresholds, test).Transform(test).GetColumn<bool[]>("PredictedLabel")];
        CollectionAssert.AreEqual(new[] { true, false }, decided[0]);
        CollectionAssert.AreEqual(new[] { false, true }, decided[1]);
    }

    [TestMethod]
    public void Thresholds_OfOneProbability_WorkWithBooleanLabels()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[] { (false, 0.1f), (false, 0.2f), (true, 0.3f), (true, 0.4f) }.Select(p => new Binary { Label = p.Item1, Probability = p.Item2 }));
        ThresholdTransformer thresholds = _mlContext.Speech().Thresholds("Label").Fit(data);
        Assert.AreEqual(0.3f, thresholds.Thresholds.Single());
        CollectionAssert.AreEqual(data.GetColumn<bool>("Label").ToArray(), Reloaded(thresholds, data).Transform(data).GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    [DataRow(CalibrationMethod.Platt)]
    [DataRow(CalibrationMethod.Isotonic)]
    public void MultiLabelCalibration_MissingEntries_TakeNoPart(CalibrationMethod method)
    {
        IDataView data = Validation();
        ProbabilityCalibrationTransformer calibration = _mlContext.Speech().Calibrators.MultiLabel(method: method).Fit(data);
        CollectionAssert.AreEqual(new[] { "calibration of label '1': no negatives among its 5 rated clips, its probability is kept as it is" }, _warnings);
        LabelCalibration expected = LabelCalibration.Fit(method, [false, false, true, true], [.. data.GetColumn<float[]>("Score").Take(4).Select(s => (double)s[0])], out _);
        IDataView calibrated = Reloaded(calibration, data).Transform(data);
        float[][] scores = [.. data.GetColumn<float[]>("Score")], probabilities = [.. calibrated.GetColumn<float[]>("Probability")];
        bool[][] decisions = [.. calibrated.GetColumn<bool[]>("PredictedLabel")];
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.AreEqual(expected.Apply(scores[i][0]), probabilities[i][0], 1e-6);
            Assert.AreEqual(1 / (1 + Math.Exp(-scores[i][1])), probabilities[i][1], 1e-6);
            Assert.AreEqual(probabilities[i][0] >= 0.5, decisions[i][0]);
        }
    }

    [TestMethod]
    public void Temperature_SavedAndLoaded_KeepsTheClassAndLowersTheLoss()
    {
        IDataView data = Classes();
        ProbabilityTemperatureTransformer calibration = _mlContext.Speech().Calibrators.Multiclass(scoreColumnName: "First").Fit(data);
        IDataView calibrated = Reloaded(calibration, data).Transform(data);
        Assert.IsGreaterThan(1, calibration.Temperature); // one of four clips is wrong with 0.98
        float[][] before = [.. data.GetColumn<float[]>("First")], after = [.. calibrated.GetColumn<float[]>("First")];
        uint[] truth = [.. data.GetColumn<uint>("Label")];
        double Loss(float[][] rows) => rows.Zip(truth).Where(p => p.Second > 0).Average(p => -Math.Log(p.First[p.Second - 1]));
        Assert.IsLessThan(Loss(before), Loss(after));
        for (int i = 0; i < before.Length; i++)
        {
            Assert.AreEqual(Array.IndexOf(before[i], before[i].Max()), Array.IndexOf(after[i], after[i].Max()));
            Assert.AreEqual(1, after[i].Sum(), 1e-6);
        }
    }

    [TestMethod]
    public void Fusion_OfClasses_WeighsByLikelihoodOrEqually()
    {
        IDataView data = Classes();
        string[] both = ["First", "Second"];
        ProbabilityFusionTransformer fusion = _mlContext.Speech().FuseMulticlass("Score", both, "Label").Fit(data);
        Assert.AreEqual(1, fusion.Weights.Sum(), 1e-12);
        Assert.IsGreaterThan(fusion.Weights[0], fusion.Weights[1]); // the second is right on all
        CollectionAssert.AreEqual(new[] { 0.5, 0.5 }, _mlContext.Speech().FuseMulticlass("Score", both).Fit(data).Weights.ToArray());
        IDataView fused = Reloaded(fusion, data).Transform(data);
        float[][] first = [.. data.GetColumn<float[]>("First")], second = [.. data.GetColumn<float[]>("Second")], mean = [.. fused.GetColumn<float[]>("Score")];
        for (int i = 0; i < mean.Length; i++)
        {
            Assert.AreEqual((fusion.Weights[0] * first[i][1]) + (fusion.Weights[1] * second[i][1]), mean[i][1], 1e-6);
        }
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1, 2, 1 }, fused.GetColumn<uint>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void Fusion_OfLabels_LeavesMissingEntriesOut()
    {
        IDataView data = Validation();
        ProbabilityFusionTransformer fusion = _mlContext.Speech().FuseMultiLabel("Fused", ["Probability", "Other"], "Labels", "Decided").Fit(data);
        float[][] labels = [.. data.GetColumn<float[]>("Labels")], a = [.. data.GetColumn<float[]>("Probability")], b = [.. data.GetColumn<float[]>("Other")];
        double[] Truth(float[][] p) => [.. Enumerable.Range(0, 2).SelectMany(j => Enumerable.Range(0, 5).Where(i => labels[i][j] >= 0).Select(i => labels[i][j] == 1 ? p[i][j] : 1 - (double)p[i][j]))];
        Assert.AreEqual(FusionWeights.Fit([Truth(a), Truth(b)])[0], fusion.Weights[0], 1e-9);
        IDataView fused = Reloaded(fusion, data).Transform(data);
        Assert.AreEqual((fusion.Weights[0] * a[1][0]) + (fusion.Weights[1] * b[1][0]), fused.GetColumn<float[]>("Fused").ElementAt(1)[0], 1e-6);
        Assert.IsTrue(fused.GetColumn<bool[]>("Decided").First()[1]);
    }

    [TestMethod]
    public void WrongArguments_AreNamed()
    {
        SpeechML.Catalog.SpeechCatalog speech = _mlContext.Speech();
        Assert.AreEqual(
            "Option sensitivity: expected a share above 0 and up to 1, got '0'.", Assert.ThrowsExactly<ArgumentException>(() => speech.Thresholds(sensitivity: 0)).Message);
        Assert.AreEqual(
            "Option rule: expected one of Half, YoudenJ, BestF1, TargetSensitivity, got '9'.", Assert.ThrowsExactly<ArgumentException>(() => speech.Thresholds(rule: (ThresholdRule)9)).Message);
        Assert.AreEqual(
            "Option inputColumnNames: expected two columns of probabilities or more, got 'Other'.",
            Assert.ThrowsExactly<ArgumentException>(() => speech.FuseMultiLabel("Fused", ["Other"])).Message);
        Assert.AreEqual(
            "Could not find probability column 'None': expected a column of type Single or Vector<Single>, the data has 'Labels', 'Score', 'Probability', 'Other'. (Parameter 'schema')",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => speech.Thresholds(probabilityColumnName: "None").Fit(Validation())).Message);
        Assert.AreEqual(
            "Probability outside [0, 1] in row 0: got -2.", Assert.ThrowsExactly<ArgumentException>(() => speech.Thresholds(probabilityColumnName: "Score").Fit(Validation())).Message);
        Assert.AreEqual(
            "Schema mismatch for label column 'Label': expected Vector<Single>, got Key<UInt32>. (Parameter 'schema')",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => speech.Calibrators.MultiLabel("Label", "First").Fit(Classes())).Message);
    }

    private ITransformer Reloaded(ITransformer transformer, IDataView data)
    {
        using var zip = new MemoryStream();
        _mlContext.Model.Save(transformer, data.Schema, zip);
        zip.Position = 0;
        return new MLContext().Model.Load(zip, out _);
    }

    private IDataView Validation() => _mlContext.Data.LoadFromEnumerable(new Scored[]
    {
        new() { Labels = [0, 1], Score = [-2, 1], Probability = [0.1f, 0.9f], Other = [0.3f, 0.6f] },
        new() { Labels = [0, 1], Score = [-0.4f, 0.2f], Probability = [0.4f, 0.8f], Other = [0.2f, 0.7f] },
        new() { Labels = [1, 1], Score = [-0.6f, -1], Probability = [0.35f, 0.2f], Other = [0.7f, 0.4f] },
        new() { Labels = [1, 1], Score = [1.5f, 3], Probability = [0.8f, 0.7f], Other = [0.6f, 0.9f] },
        new() { Labels = [-1, 1], Score = [5, 1], Probability = [0.99f, 0.6f], Other = [0.01f, 0.5f] },
    });

    private IDataView Classes()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new ClassScored[]
        {
            new() { Name = "a", First = [0.98f, 0.02f], Second = [0.7f, 0.3f] },
            new() { Name = "b", First = [0.03f, 0.97f], Second = [0.4f, 0.6f] },
            new() { Name = "a", First = [0.95f, 0.05f], Second = [0.8f, 0.2f] },
            new() { Name = "b", First = [0.98f, 0.02f], Second = [0.1f, 0.9f] },
            new() { Name = "", First = [0.99f, 0.01f], Second = [0.9f, 0.1f] },
        });
        IDataView keys = _mlContext.Data.LoadFromEnumerable(new[] { new ClassScored { Name = "a" }, new ClassScored { Name = "b" } });
        return _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name", keyData: _mlContext.Transforms.SelectColumns("Name").Fit(keys).Transform(keys)).Fit(data).Transform(data);
    }

    private sealed class Unlabelled
    {
        [VectorType(2)]
        public float[] Probability { get; set; } = [];
    }

    private sealed class Binary
    {
        public bool Label { get; set; }

        public float Probability { get; set; }
    }

    private sealed class Scored
    {
        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] Score { get; set; } = [];

        [VectorType(2)]
        public float[] Probability { get; set; } = [];

        [VectorType(2)]
        public float[] Other { get; set; } = [];
    }

    private sealed class ClassScored
    {
        public string Name { get; set; } = "";

        [VectorType(2)]
        public float[] First { get; set; } = [];

        [VectorType(2)]
        public float[] Second { get; set; } = [];
    }
}
