using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

namespace Tasks;

/// <summary>Yes or no: is the voice hoarse (docs/guides/binary.md).</summary>
internal static class Binary
{
    private const string Key = "original_audio_id";

    public static void Run(MLContext mlContext, string folder, string encoder)
    {
        var columns = new SpeechMetadataColumns
        {
            AudioKey = Key,
            Subject = "subject",
            Features = ["hoarse_harsh"], // a column of ratings
        };
        IDataView table = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns);
        // Clips without a rating are left out: what is not rated is not a "no".
        IDataView data = mlContext.Speech().AddBinaryLabel(table, "Label", "hoarse_harsh", threshold: 2);
        SpeechDataSplit split = mlContext.Speech().SplitBySubject(
            data, "subject", Key, new SubjectSplitOptions { Seed = 1 }, "Label", "language");
        var options = new SpeechBinaryOptions
        {
            Encoder = encoder,
            WhisperContext = WhisperContext.Trimmed,
            SubjectColumnName = "subject",
            BalancePositives = true,
        };
        var pipeline = mlContext.Transforms.LoadAudio("Audio", folder, Key)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.BinaryClassification.Trainers.SpeechClassification("Label", "Audio", options));
        using var model = mlContext.Speech().Fit(pipeline, split.Train, split.Validation);
        // The threshold with the best sum of sensitivity and specificity on the validation data.
        var threshold = mlContext.Speech().Thresholds("Label", rule: ThresholdRule.YoudenJ)
            .Fit(model.Transform(split.Validation));
        BinaryClassificationMetrics metrics = mlContext.BinaryClassification.Evaluate(
            threshold.Transform(model.Transform(split.Test)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ROC AUC {metrics.AreaUnderRocCurve:F2}, sensitivity {metrics.PositiveRecall:F2}, ") +
            string.Create(CultureInfo.InvariantCulture, $"specificity {metrics.NegativeRecall:F2}"));
    }
}
