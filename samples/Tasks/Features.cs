using System.Globalization;
using Microsoft.ML;
using SpeechML;

namespace Tasks;

/// <summary>The encoder's output as features of a trainer of ML.NET (docs/guides/features.md).</summary>
internal static class Features
{
    private const string Key = "original_audio_id";

    public static void Run(MLContext mlContext, string folder, string encoder)
    {
        var columns = new SpeechMetadataColumns { AudioKey = Key, Subject = "subject" };
        IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns);
        IDataView folds = mlContext.Speech().AddSubjectFolds(
            data, "Fold", "subject", 3, new SubjectSplitOptions { Seed = 1 }, "language");
        var features = mlContext.Transforms.LoadAudio("Audio", folder, Key)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.EncodeSpeech("Features", new SpeechEncodingOptions
            {
                Encoder = encoder,
                WhisperContext = WhisperContext.Trimmed,
                Layers = "all",
                LayerCombination = LayerCombination.Mean,
            }));
        using var encoded = features.Fit(folds);
        // Nothing is learned from the clips so far, so that the encoder may run once for all folds.
        IDataView cached = mlContext.Data.Cache(encoded.Transform(folds), "Features", "language", "Fold");
        var trainer = mlContext.Transforms.NormalizeMeanVariance("Features")
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "language"))
            .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        foreach (var fold in mlContext.MulticlassClassification.CrossValidate(
            cached, trainer, 3, samplingKeyColumnName: "Fold"))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"fold {fold.Fold + 1}: accuracy on unseen subjects {fold.Metrics.MicroAccuracy:F2}"));
        }
    }
}
