using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Tests.Support;

namespace SpeechML.Tests.Trainers;

/// <summary>Models with calibration, thresholds and fusion behind them, loaded in a process of its own.</summary>
[TestClass]
public sealed class DecisionPipelineTests
{
    private const int Clips = 12;

    [TestMethod]
    public void CalibrationAndThresholds_AppendedToAModel_AreAppliedInAnotherProcess()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, Clips);
        var options = new SpeechMultiLabelOptions { Encoder = RepositoryFiles.TinyEncoder("whisper-80"), Epochs = 1, WhisperContext = WhisperContext.Trimmed, Freezing = LayerFreezing.All };
        using var model = PipelineTests.Audio(mlContext).Append(mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options)).Fit(data);
        var calibrated = model.Append(mlContext.Speech().Calibrators.MultiLabel().Fit(model.Transform(data)));
        var thresholds = mlContext.Speech().Thresholds().Fit(calibrated.Transform(data));
        var decided = calibrated.Append(thresholds);
        IDataView scored = decided.Transform(data);
        var numbers = decided.Append(mlContext.Transforms.Conversion.ConvertType("Decided", "PredictedLabel", DataKind.Single).Fit(scored));
        mlContext.Model.Save(numbers, data.Schema, scratch.At("model.zip"));

        float[][] probabilities = [.. scored.GetColumn<float[]>("Probability")];
        string[] paths = [.. Prompts.Rows(Clips).Select(r => r.Path)];
        PipelineTests.AssertEqual(probabilities, OtherProcess.Score(scratch.At("model.zip"), paths, "Probability"), 0);
        float[][] decisions = [.. probabilities.Select(p => p.Select((v, j) => v >= thresholds.Thresholds[j] ? 1f : 0f).ToArray())];
        PipelineTests.AssertEqual(decisions, OtherProcess.Score(scratch.At("model.zip"), paths, "Decided"), 0);
    }

    [TestMethod]
    public void FusionAndTemperature_OfTwoClassifiers_AreAppliedInAnotherProcess()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, Clips);
        SpeechClassificationOptions Named(string encoder, string name)
        {
            SpeechClassificationOptions options = PipelineTests.Options(encoder);
            (options.ScoreColumnName, options.PredictedLabelColumnName) = ($"{name}Score", $"{name}Label");
            return options;
        }
        var trainers = mlContext.MulticlassClassification.Trainers;
        using var models = PipelineTests.Audio(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(trainers.SpeechClassification("Label", "Audio", Named("whisper-80", "Whisper")))
            .Append(trainers.SpeechClassification("Label", "Audio", Named("hubert-base-like", "Hubert"))).Fit(data);
        var fused = models.Append(mlContext.Speech().FuseMulticlass("Score", ["WhisperScore", "HubertScore"], "Label").Fit(models.Transform(data)));
        var calibrated = fused.Append(mlContext.Speech().Calibrators.Multiclass().Fit(fused.Transform(data)));
        IDataView scored = calibrated.Transform(data);
        mlContext.Model.Save(calibrated, data.Schema, scratch.At("model.zip"));

        Assert.IsTrue(mlContext.MulticlassClassification.Evaluate(scored).LogLoss <= mlContext.MulticlassClassification.Evaluate(fused.Transform(data)).LogLoss + 1e-6);
        PipelineTests.AssertEqual([.. scored.GetColumn<float[]>("Score")], OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(Clips).Select(r => r.Path), "Score"), 0);
    }
}
