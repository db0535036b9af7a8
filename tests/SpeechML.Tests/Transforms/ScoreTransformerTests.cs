using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>Calibration, thresholds and fusion: fitted on scored validation data, saved, loaded, applied.</summary>
[TestClass]
public sealed class ScoreTransformerTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(CalibrationMethod.Platt)]
    [DataRow(CalibrationMethod.Isotonic)]
    public void MultiLabelCalibrator_MissingAndOneClass_FitsRatedRowsKeepsTheRestAndReloads(CalibrationMethod method)
    {
        List<string> log = Warnings();
        IDataView data = _mlContext.Data.LoadFromEnumerable(MultiLabelRows());
        ProbabilityCalibrationTransformer calibrator = _mlContext.Speech().Calibrators.MultiLabel(method: method)
            .Fit(data);
        ScoredRow[] rated = [.. MultiLabelRows().Where(r => r.Labels[0] >= 0)];
        double[] scores = [.. rated.Select(r => (double)r.Score[0])];
        Func<double, double> want = method == CalibrationMethod.Platt
            ? PlattScaling.Fit(scores, [.. rated.Select(r => (int)r.Labels[0])]).Apply
            : IsotonicCalibration.Fit(scores, [.. rated.Select(r => (double)r.Labels[0])]).Apply;
        IDataView calibrated = Reload(calibrator, data).Transform(data);
        float[][] probabilities = [.. calibrated.GetColumn<float[]>("Probability")];
        bool[][] decisions = [.. calibrated.GetColumn<VBuffer<bool>>("PredictedLabel")
            .Select(v => v.DenseValues().ToArray())];
        ScoredRow[] rows = MultiLabelRows();
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual(want(rows[i].Score[0]), probabilities[i][0], 1e-6);
            Assert.AreEqual(1 / (1 + Math.Exp(-rows[i].Score[1])), probabilities[i][1], 1e-6);
            Assert.AreEqual(probabilities[i][0] >= 0.5f, decisions[i][0]);
        }
        CollectionAssert.AreEqual(
            new[] { $"calibration of label 'label 1': no positives among its {rows.Length} rated clips, its " +
            $"probability is kept as it is" }, log);
    }

    [TestMethod]
    public void MultiLabelCalibrator_OverconfidentScores_BetterBrierOnOtherClips()
    {
        // Logits three times too far from 0.
        IDataView validation = _mlContext.Data.LoadFromEnumerable(Overconfident(1)),
            test = _mlContext.Data.LoadFromEnumerable(Overconfident(2));
        double before = Brier(test);
        Assert.IsLessThan(before - 0.02,
            Brier(_mlContext.Speech().Calibrators.MultiLabel().Fit(validation).Transform(test)));

        double Brier(IDataView data) =>
            _mlContext.Speech().MultiLabel.Evaluate(data, "Labels").Brier.Macro.Value!.Value;
    }

    [TestMethod]
    public void MulticlassCalibrator_Temperature_EqualsScalingOfLogitsAndReloads()
    {
        var random = new SeededRandom(3);
        ClassRow[] rows = [.. Enumerable.Range(0, 60).Select(i =>
        {
            double[] logits = [.. Enumerable.Range(0, 3).Select(c => (6 * random.NextDouble()) + (c == i % 3 ? 2 : 0))];
            double sum = logits.Sum(Math.Exp);
            return new ClassRow { Label = $"c{i % 3}", Score = [.. logits.Select(l => (float)(Math.Exp(l) / sum))] };
        })];
        IDataView data = _mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Fit(_mlContext.Data.LoadFromEnumerable(rows)).Transform(_mlContext.Data.LoadFromEnumerable(rows));
        ProbabilityTemperatureTransformer calibrator = _mlContext.Speech().Calibrators.Multiclass().Fit(data);
        double want = TemperatureScaling.Fit(
            [.. rows.Select(r => r.Score.Select(p => Math.Log(p)).ToArray())],
            [.. rows.Select((_, i) => i % 3)]).Temperature;
        Assert.AreEqual(want, calibrator.Temperature, 1e-6);
        Assert.IsGreaterThan(1.2, calibrator.Temperature);
        float[][] calibrated = [.. Reload(calibrator, data).Transform(data).GetColumn<float[]>("Score")];
        for (int i = 0; i < rows.Length; i++)
        {
            double[] powers = [.. rows[i].Score.Select(p => Math.Pow(p, 1 / want))];
            for (int c = 0; c < 3; c++)
            {
                Assert.AreEqual(powers[c] / powers.Sum(), calibrated[i][c], 1e-5);
            }
        }
        MulticlassClassificationMetrics after =
            _mlContext.MulticlassClassification.Evaluate(Predicted(calibrator.Transform(data))),
            before = _mlContext.MulticlassClassification.Evaluate(Predicted(data));
        Assert.IsLessThan(before.LogLoss, after.LogLoss);

        // ML.NET's evaluator reads a predicted label too
        IDataView Predicted(IDataView scored) =>
            _mlContext.Transforms.CopyColumns("PredictedLabel", "Label").Fit(scored).Transform(scored);
    }

    [TestMethod]
    [DataRow(ThresholdRule.Half, 0.5)]
    [DataRow(ThresholdRule.YoudenJ, 0.2)]
    [DataRow(ThresholdRule.BestF1, 0.2)]
    [DataRow(ThresholdRule.TargetSensitivity, 0.2)]
    public void Thresholds_Rules_ByHandAndReload(ThresholdRule rule, double expected)
    {
        List<string> log = Warnings();
        // positives .8 .6 .3 .2, negatives .7 .25 .1 .05 .04 .03, one clip that is not rated; the second label is never
        // positive.
        (float P, float Y)[] clips =
            [(0.8f, 1), (0.7f, 0), (0.6f, 1), (0.3f, 1), (0.25f, 0), (0.2f, 1), (0.1f, 0), (0.05f, 0), (0.04f, 0),
            (0.03f, 0), (0.9f, -1)];
        IDataView data = _mlContext.Data.LoadFromEnumerable(
            clips.Select(c => new ScoredRow { Labels = [c.Y, 0], Probability = [c.P, c.P], Score = [0, 0] }));
        // J: .8 .25, .6 .33, .3 .58, .2 .67; F1: .6 4/7, .3 6/8, .2 8/10; sensitivity: .3 3/4, .2 1
        ThresholdTransformer thresholds = _mlContext.Speech().Thresholds(rule: rule, sensitivity: 0.8).Fit(data);
        Assert.AreEqual((double)(float)expected, thresholds.Thresholds[0]);
        Assert.AreEqual(0.5, thresholds.Thresholds[1]);
        CollectionAssert.AreEqual(
            new[] { "threshold of label 'label 1': no positives among its 11 rated clips, it stays at 0.5" }, log);
        bool[][] decisions = [.. Reload(thresholds, data).Transform(data).GetColumn<VBuffer<bool>>("PredictedLabel")
            .Select(v => v.DenseValues().ToArray())];
        for (int i = 0; i < clips.Length; i++)
        {
            Assert.AreEqual(clips[i].P >= (float)expected, decisions[i][0]);
            Assert.AreEqual(clips[i].P >= 0.5f, decisions[i][1]);
        }
    }

    [TestMethod]
    public void Choose_Rules_DifferWhereTheyShould()
    {
        bool[] positive = [true, true, false, true, false, false, false, true];
        double[] scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];
        // 0.8 and 0.6 have the same J: the higher
        Assert.AreEqual(0.8, DecisionThreshold.Choose(positive, scores, ThresholdRule.YoudenJ, 0, out _));
        Assert.AreEqual(0.6, DecisionThreshold.Choose(positive, scores, ThresholdRule.BestF1, 0, out _));
        Assert.AreEqual(0.8, DecisionThreshold.Choose(positive, scores, ThresholdRule.TargetSensitivity, 0.5, out _));
        Assert.AreEqual(0.2, DecisionThreshold.Choose(positive, scores, ThresholdRule.TargetSensitivity, 1, out _));
    }

    [TestMethod]
    public void Thresholds_OneProbability_BooleanLabel()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(
            new BinaryRow[] { new() { Label = true, Probability = 0.3f }, new() { Probability = 0.2f },
            new() { Label = true, Probability = 0.4f } });
        ThresholdTransformer thresholds = _mlContext.Speech().Thresholds("Label").Fit(data);
        Assert.AreEqual((double)0.3f, thresholds.Thresholds[0]);
        CollectionAssert.AreEqual(
            new[] { true, false, true },
            Reload(thresholds, data).Transform(data).GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void FuseMultiLabel_OneGoodModelOneNoise_WeightGoesToTheGoodOneAndReloads()
    {
        var random = new SeededRandom(5);
        FusedRow[] rows = [.. Enumerable.Range(0, 200).Select(i =>
        {
            float y = i % 2;
            return new FusedRow { Labels = [y, i % 5 == 0 ? -1 : y], A = [0.2f + (0.6f * y), 0.2f + (0.6f * y)],
                B = [(float)random.NextDouble(), (float)random.NextDouble()] };
        })];
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        ProbabilityFusionTransformer fusion = _mlContext.Speech().MultiLabel.Fuse("Probability", ["A", "B"], "Labels")
            .Fit(data), equal = _mlContext.Speech().MultiLabel.Fuse("Probability", ["A", "B"]).Fit(data);
        CollectionAssert.AreEqual(new[] { 0.5, 0.5 }, equal.Weights.ToArray());
        Assert.IsGreaterThan(0.7, fusion.Weights[0]);
        Assert.AreEqual(1, fusion.Weights.Sum(), 1e-12);
        // No other weights are more likely; 1e-6 because the climb ends when a step changes the weights by less than
        // 1e-9.
        for (double other = 0; other <= 1; other += 0.05)
        {
            Assert.IsGreaterThanOrEqualTo(LogLikelihood(other), LogLikelihood(fusion.Weights[0]) + 1e-6);
        }
        float[][] fused = [.. Reload(fusion, data).Transform(data).GetColumn<float[]>("Probability")];
        Assert.AreEqual((fusion.Weights[0] * rows[7].A[1]) + (fusion.Weights[1] * rows[7].B[1]), fused[7][1], 1e-6);

        double LogLikelihood(double w) => rows.Sum(r => Enumerable.Range(0, 2).Where(j => r.Labels[j] >= 0).Sum(j =>
        {
            double p = (w * r.A[j]) + ((1 - w) * r.B[j]);
            return Math.Log(r.Labels[j] == 1 ? p : 1 - p);
        }));
    }

    [TestMethod]
    public void FuseMulticlass_EqualWeights_MeanAndMostProbableClass()
    {
        var rows = new[] { new ClassRow { Label = "a", Score = [0.6f, 0.4f], Other = [0.1f, 0.9f] },
            new ClassRow { Label = "b", Score = [0.9f, 0.1f], Other = [0.3f, 0.7f] } };
        IDataView data = _mlContext.Data.LoadFromEnumerable(
            rows.Select(r => new TwoClassRow { Score = r.Score, Other = r.Other }));
        IDataView fused = Reload(_mlContext.Speech().Multiclass.Fuse("Fused", ["Score", "Other"]).Fit(data), data)
            .Transform(data);
        CollectionAssert.AreEqual(new uint[] { 2, 1 }, fused.GetColumn<uint>("PredictedLabel").ToArray());
        Assert.AreEqual(0.35f, fused.GetColumn<float[]>("Fused").First()[0], 1e-6f);
        Assert.AreEqual(
            "Option inputColumnNames: expected two columns of probabilities or more, got 'Score'.",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech()
            .Multiclass.Fuse("Fused", ["Score"])).Message);
    }

    [TestMethod]
    public void Chain_ModelCalibratorThresholds_LoadedInAnotherProcessScoresTheSame()
    {
        using var scratch = new Scratch();
        IDataView data = Prompts.View(_mlContext, 12);
        var options = new SpeechMultiLabelOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            Epochs = 1,
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All
        };
        using var model = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options)).Fit(data);
        IDataView scored = model.Transform(data);
        ProbabilityCalibrationTransformer calibrator = _mlContext.Speech().Calibrators.MultiLabel().Fit(scored);
        ThresholdTransformer thresholds = _mlContext.Speech().Thresholds().Fit(calibrator.Transform(scored));
        var chain = model.Append(calibrator).Append(thresholds);
        _mlContext.Model.Save(chain, data.Schema, scratch.At("model.zip"));
        float[][] here = [.. chain.Transform(data).GetColumn<float[]>("Probability")];
        CollectionAssert.AreNotEqual(scored.GetColumn<float[]>("Probability").First(), here[0]);
        float[][] there = OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(12).Select(r => r.Path),
            "Probability");
        PipelineTests.AssertEqual(here, there, 0);
    }

    private ITransformer Reload(ITransformer transformer, IDataView data)
    {
        using var zip = new MemoryStream();
        _mlContext.Model.Save(transformer, data.Schema, zip);
        zip.Position = 0;
        return new MLContext().Model.Load(zip, out _);
    }

    private List<string> Warnings()
    {
        List<string> log = [];
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                log.Add(e.RawMessage);
            }
        };
        return log;
    }

    private static ScoredRow[] MultiLabelRows() => [.. Enumerable.Range(0, 40).Select(i =>
    {
        float s = (i - 20) / 5f;
        return new ScoredRow { Labels = [i % 7 == 0 ? -1 : (i + (i % 3 * 9)) > 26 ? 1 : 0, 0], Score = [s, s / 2],
            Probability = [0.5f, 0.5f] };
    })];

    private static ScoredRow[] Overconfident(ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, 400).Select(_ =>
        {
            double logit = (4 * random.NextDouble()) - 2, far = 3 * logit;
            float y = random.NextDouble() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0;
            float p = (float)(1 / (1 + Math.Exp(-far)));
            return new ScoredRow { Labels = [y, y], Score = [(float)far, (float)far], Probability = [p, p] };
        })];
    }

    private sealed class ScoredRow
    {
        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] Score { get; set; } = [];

        [VectorType(2)]
        public float[] Probability { get; set; } = [];
    }

    private sealed class FusedRow
    {
        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] A { get; set; } = [];

        [VectorType(2)]
        public float[] B { get; set; } = [];
    }

    private sealed class ClassRow
    {
        public string Label { get; set; } = "";

        [VectorType(3)]
        public float[] Score { get; set; } = [];

        [VectorType(3)]
        public float[] Other { get; set; } = [0, 0, 0];
    }

    private sealed class TwoClassRow
    {
        [VectorType(2)]
        public float[] Score { get; set; } = [];

        [VectorType(2)]
        public float[] Other { get; set; } = [];
    }

    private sealed class BinaryRow
    {
        public bool Label { get; set; }

        public float Probability { get; set; }
    }
}
