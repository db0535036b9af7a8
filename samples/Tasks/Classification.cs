using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

namespace Tasks;

/// <summary>Which of several classes: the language of a clip (docs/guides/classification.md).</summary>
internal static class Classification
{
    private const string Key = "original_audio_id";

    public static void Run(MLContext mlContext, string folder, string encoder)
    {
        var columns = new SpeechMetadataColumns { AudioKey = Key, Subject = "subject" };
        IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns);
        SpeechDataSplit split = mlContext.Speech().SplitBySubject(
            data, "subject", Key, new SubjectSplitOptions { Seed = 1 }, "language");
        var options = new SpeechClassificationOptions
        {
            Encoder = encoder,
            WhisperContext = WhisperContext.Trimmed,
            SubjectColumnName = "subject",
        };
        var pipeline = mlContext.Transforms.LoadAudio("Audio", folder, Key)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options));
        using var model = mlContext.Speech().Fit(pipeline, split.Train, split.Validation);
        MulticlassClassificationMetrics metrics =
            mlContext.MulticlassClassification.Evaluate(model.Transform(split.Test));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accuracy on unseen subjects {metrics.MicroAccuracy:F2}, by chance 0.20"));
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }
}
