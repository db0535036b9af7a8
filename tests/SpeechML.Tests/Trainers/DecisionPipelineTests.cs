using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Several models in one chain, fused and calibrated, loaded in a process of its own.</summary>
[TestClass]
public sealed class DecisionPipelineTests
{
    private const int Clips = 12;

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
        using var models = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(trainers.SpeechClassification("Label", "Audio", Named("whisper-80", "Whisper")))
            .Append(trainers.SpeechClassification("Label", "Audio", Named("hubert-base-like", "Hubert"))).Fit(data);
        var fused = models.Append(
            mlContext.Speech().Multiclass.Fuse("Score", ["WhisperScore", "HubertScore"], "Label")
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"))
            .Fit(models.Transform(data)));
        CollectionAssert.IsSubsetOf(fused.Transform(data).GetColumn<string>("Class").Distinct().ToArray(),
            data.GetColumn<string>("Label").Distinct().ToArray());
        var calibrated = fused.Append(mlContext.Speech().Calibrators.Multiclass().Fit(fused.Transform(data)));
        IDataView scored = calibrated.Transform(data);
        mlContext.Model.Save(calibrated, data.Schema, scratch.At("model.zip"));

        Assert.IsTrue(mlContext.MulticlassClassification.Evaluate(
            scored).LogLoss <= mlContext.MulticlassClassification.Evaluate(fused.Transform(data)).LogLoss + 1e-6);
        PipelineTests.AssertEqual(
            [.. scored.GetColumn<float[]>("Score")],
            OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(Clips).Select(r => r.Path), "Score"), 0);
    }
}
