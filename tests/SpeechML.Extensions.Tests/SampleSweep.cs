using System.Reflection;
using Microsoft.ML;

namespace SpeechML.Extensions.Tests;

/// <summary>A small sweep over sample recordings.</summary>
internal static class SampleSweep
{
    private static readonly string s_root = typeof(SampleSweep).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public static SpeechSweep Create(
        MLContext mlContext, SweepSpace<SpeechClassificationOptions>? ownSpace = null)
    {
        string audio = Path.Combine(s_root, "samples", "data", "prompts");
        IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(audio, "metadata.csv"),
            new SpeechMetadataColumns { AudioKey = "original_audio_id", Subject = "subject" });
        IDataView train = mlContext.Data.TakeRows(data, 12);
        IDataView validation = mlContext.Data.TakeRows(mlContext.Data.SkipRows(data, 12), 6);
        var defaults = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = Path.Combine(s_root, "tests", "SpeechML.TestSupport", "Fixtures", "golden", "encoders",
                "hubert-base-like"),
            Freezing = LayerFreezing.All,
            Epochs = 2,
        };
        var space = new SweepSpace<SpeechClassificationOptions>(
            defaults, SweepParameter.Range("HeadLearningRate", 1e-3, 1e-1, logScale: true),
            SweepParameter.Choice("Pooling", SpeechPooling.Mean, SpeechPooling.Attention));
        IEstimator<ITransformer> preprocessing = mlContext.Transforms.LoadAudio("Audio", audio, "original_audio_id")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "task_name"));
        return mlContext.Speech().CreateSweep()
            .SetPipeline(preprocessing, ownSpace ?? space,
                options => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
            .SetDataset(train, validation).SetMetric(SpeechMetrics.Loss);
    }
}
