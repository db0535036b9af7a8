using System.Globalization;
using Microsoft.ML;
using SpeechML;

namespace Tasks;

/// <summary>Classes with an order: how slow the speech is, in five grades (docs/guides/ordinal.md).</summary>
internal static class Ordinal
{
    private const string Key = "original_audio_id";

    public static void Run(MLContext mlContext, string folder, string encoder)
    {
        var columns = new SpeechMetadataColumns { AudioKey = Key, Subject = "subject" };
        IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns);
        SpeechDataSplit split = mlContext.Speech().SplitBySubject(
            data, "subject", Key, new SubjectSplitOptions { Seed = 1 }, "slow_rate");
        var options = new SpeechOrdinalOptions
        {
            Encoder = encoder,
            WhisperContext = WhisperContext.Trimmed,
            SubjectColumnName = "subject",
        };
        // The key's values give the order; a rating of -1, not rated, has no key and takes part in nothing.
        IDataView grades = mlContext.Data.LoadFromEnumerable(
            RatingScale.Levels.Select(l => new { Grade = l.ToString("F1", CultureInfo.InvariantCulture) }));
        var pipeline = mlContext.Transforms.LoadAudio("Audio", folder, Key)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "slow_rate", keyData: grades))
            .Append(mlContext.Speech().Trainers.OrdinalClassification("Label", "Audio", options));
        using var model = mlContext.Speech().Fit(pipeline, split.Train, split.Validation);
        Console.WriteLine(mlContext.Speech().Ordinal.Evaluate(model.Transform(split.Test)));
    }
}
