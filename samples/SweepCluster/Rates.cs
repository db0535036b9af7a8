using Microsoft.ML;
using SpeechML;

namespace SweepCluster;

/// <summary>
/// The sweep that every process of the cluster has: rates of the head and pooling over a frozen encoder.
/// </summary>
internal static class Rates
{
    public static SpeechSweep Create(MLContext mlContext, string audio, string encoder, int epochs, int trials)
    {
        IDataView data = mlContext.Speech()
            .LoadMetadata(Path.Combine(audio, "metadata.csv"),
            new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" });
        var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0.3, Test = 0, Seed = 1 };
        SpeechDataSplit split = mlContext.Speech()
            .SplitBySubject(data, "subject", "original_audio_id", shares, "language");
        var defaults = new SpeechClassificationOptions
        {
            Encoder = encoder,
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All,
            Epochs = epochs,
        };
        var space = new SweepSpace<SpeechClassificationOptions>(
            defaults,
            SweepParameter.Choice("HeadLearningRate", 1e-2, 1e-3, 1e-4),
            SweepParameter.Choice("Pooling", SpeechPooling.Mean, SpeechPooling.Attention));
        var preprocessing = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"));
        return mlContext.Speech().CreateSweep()
            .SetPipeline(preprocessing, space,
                options => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
            .SetDataset(split.Train, split.Validation)
            .SetMetric(SpeechMetrics.Accuracy)
            .SetTuner(SweepTuner.Grid())
            .SetMaxTrials(trials);
    }
}
