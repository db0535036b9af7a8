using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio.Common;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Transforms;

/// <summary>
/// Calibration, thresholds and fusion of every task are chosen on validation data, saved with the model, and applied to
/// other data without a look at their labels.
/// </summary>
[TestClass]
public sealed class ChosenOnValidationTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void MultiLabel_CalibrationAndThresholds_DoNotSeeTheLabelsOfWhatTheyScore()
    {
        var calibrator = _mlContext.Speech().Calibrators.MultiLabel(method: CalibrationMethod.Isotonic).Fit(View(1));
        var chain = new TransformerChain<ITransformer>(
            calibrator, _mlContext.Speech().Thresholds(rule: ThresholdRule.BestF1).Fit(calibrator.Transform(View(1))));
        AssertBlind(chain, data => data.GetColumn<float[]>("Probability").SelectMany(v => v),
            data => data.GetColumn<VBuffer<bool>>("PredictedLabel").SelectMany(v => v.DenseValues()));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Binary_MLNetsCalibratorsAndThresholds_DoNotSeeTheLabelsOfWhatTheyScore(bool isotonic)
    {
        IEstimator<ITransformer> calibrators = isotonic
            ? _mlContext.BinaryClassification.Calibrators.Isotonic("Yes", "One")
            : _mlContext.BinaryClassification.Calibrators.Platt("Yes", "One");
        ITransformer calibrator = calibrators.Fit(View(1));
        var chain = new TransformerChain<ITransformer>(
            calibrator, _mlContext.Speech()
            .Thresholds("Yes", predictedLabelColumnName: "Decided", rule: ThresholdRule.TargetSensitivity,
            sensitivity: 0.95).Fit(calibrator.Transform(View(1))));
        AssertBlind(chain, data => data.GetColumn<float>("Probability"), data => data.GetColumn<bool>("Decided"));
        IDataView validation = chain.Transform(View(1));
        double[] found = [.. validation.GetColumn<bool>("Yes").Zip(validation.GetColumn<bool>("Decided"))
            .Where(p => p.First).Select(p => p.Second ? 1.0 : 0.0)];
        Assert.IsGreaterThanOrEqualTo(0.95, found.Average());
    }

    /// <summary>ML.NET's evaluator goes by Score above 0 and does not read decisions.</summary>
    [TestMethod]
    [DataRow(ThresholdRule.TargetSensitivity)]
    [DataRow(ThresholdRule.BestF1)]
    public void Binary_Thresholds_AreWhatMLNetEvaluates(ThresholdRule rule)
    {
        ITransformer calibrator = _mlContext.BinaryClassification.Calibrators.Platt("Yes", "One").Fit(View(1));
        IDataView scored = _mlContext.Transforms.CopyColumns("Score", "One").Fit(View(1)).Transform(View(1));
        IDataView before = calibrator.Transform(scored);
        ThresholdTransformer thresholds = _mlContext.Speech().Thresholds("Yes", rule: rule, sensitivity: 1).Fit(before);
        IDataView after = thresholds.Transform(before);
        bool[] truth = [.. after.GetColumn<bool>("Yes")], decided = [.. after.GetColumn<bool>("PredictedLabel")];
        CollectionAssert.AreEqual(decided, after.GetColumn<float>("Score").Select(s => s > 0).ToArray());
        var evaluated = _mlContext.BinaryClassification.Evaluate(after, "Yes");
        Assert.AreEqual(truth.Zip(decided, (t, d) => t == d ? 1.0 : 0).Average(), evaluated.Accuracy, 1e-12);
        var raw = _mlContext.BinaryClassification.Evaluate(_mlContext.Speech()
            .Thresholds("Yes", rule: ThresholdRule.Half, scoreColumnName: "").Fit(before).Transform(before), "Yes");
        Assert.AreNotEqual(raw.Accuracy, evaluated.Accuracy);
        Assert.AreEqual(raw.AreaUnderRocCurve, evaluated.AreaUnderRocCurve, 1e-12);
        Assert.AreEqual(raw.LogLoss, evaluated.LogLoss, 1e-12);
        DataViewSchema without = _mlContext.Speech().Thresholds("Yes", scoreColumnName: "").Fit(before)
            .GetOutputSchema(before.Schema);
        Assert.AreEqual(before.Schema.Count + 1, without.Count);
    }

    [TestMethod]
    public void Classes_Temperature_DoesNotSeeTheLabelsOfWhatItScores() =>
        AssertBlind(_mlContext.Speech().Calibrators.Multiclass("Class", "Classes").Fit(View(1)),
            data => data.GetColumn<float[]>("Classes").SelectMany(v => v), data => data.GetColumn<float>("One"));

    [TestMethod]
    public void Numbers_MeanOfTwoModelsByMLNetsExpression_IsSavedAndApplied()
    {
        ITransformer fusion = _mlContext.Transforms.Expression("Fused", "(a, b) => 0.25f * a + 0.75f * b", "One", "Two")
            .Fit(View(1));
        AssertBlind(fusion, data => data.GetColumn<float>("Fused"), data => data.GetColumn<float>("One"));
        IDataView data = fusion.Transform(View(2));
        CollectionAssert.AreEqual(
            data.GetColumn<float>("One").Zip(data.GetColumn<float>("Two"), (a, b) => (0.25f * a) + (0.75f * b))
            .ToArray(), data.GetColumn<float>("Fused").ToArray());
    }

    /// <summary>
    /// What was fitted gives other clips the same numbers whatever their labels, and after saving and loading.
    /// </summary>
    private void AssertBlind<TFirst, TSecond>(
        ITransformer fitted, Func<IDataView, IEnumerable<TFirst>> probabilities, Func<IDataView,
        IEnumerable<TSecond>> decisions)
    {
        using var scratch = new Scratch();
        IDataView labels = View(2), others = View(2, turned: true);
        CollectionAssert.AreNotEqual(labels.GetColumn<bool>("Yes").ToArray(), others.GetColumn<bool>("Yes").ToArray());
        _mlContext.Model.Save(fitted, labels.Schema, scratch.At("model.zip"));
        ITransformer loaded = _mlContext.Model.Load(scratch.At("model.zip"), out _);
        TFirst[] first = [.. probabilities(fitted.Transform(labels))];
        TSecond[] second = [.. decisions(fitted.Transform(labels))];
        Assert.IsGreaterThan(2, first.Distinct().Count());
        foreach (IDataView view in new[] { fitted.Transform(others), loaded.Transform(labels),
            loaded.Transform(others) })
        {
            CollectionAssert.AreEqual(first, probabilities(view).ToArray());
            CollectionAssert.AreEqual(second, decisions(view).ToArray());
        }
    }

    private IDataView View(ulong seed, bool turned = false)
    {
        var random = new SeededRandom(seed);
        IDataView rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 80).Select(i =>
        {
            bool yes = random.NextDouble() < 0.5;
            double[] logits = [.. Enumerable.Range(0, 3).Select(_ => (6 * random.NextDouble()) - 3)];
            float score = (float)(logits[0] + (yes ? 1 : -1));
            double sum = logits.Sum(Math.Exp);
            bool label = yes != turned;
            return new Row
            {
                Yes = label,
                Labels = [label ? 1 : 0, i % 2],
                One = score,
                Two = (float)logits[1],
                Score = [score, (float)logits[1]],
                Class = $"{(i + (turned ? 1 : 0)) % 3}",
                Classes = [.. logits.Select(l => (float)(Math.Exp(l) / sum))],
            };
        }).ToArray());
        return _mlContext.Transforms.Conversion.MapValueToKey("Class").Fit(rows).Transform(rows);
    }

    private sealed class Row
    {
        public bool Yes { get; set; }

        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        public float One { get; set; }

        public float Two { get; set; }

        [VectorType(2)]
        public float[] Score { get; set; } = [];

        public string Class { get; set; } = "";

        [VectorType(3)]
        public float[] Classes { get; set; } = [];
    }
}
