using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

namespace Tasks;

/// <summary>A number: the mean rating of a clip (docs/guides/regression.md).</summary>
internal static class Regression
{
    private const string Key = "original_audio_id";

    public static void Run(MLContext mlContext, string folder, string encoder)
    {
        var columns = new SpeechMetadataColumns { AudioKey = Key, Subject = "subject" };
        IDataView data = mlContext.Speech().LoadMetadata(Path.Combine(folder, "metadata.csv"), columns);
        SpeechDataSplit split = mlContext.Speech().SplitBySubject(
            data, "subject", Key, new SubjectSplitOptions { Seed = 1 }, "language");
        var options = new SpeechRegressionOptions
        {
            Encoder = encoder,
            WhisperContext = WhisperContext.Trimmed,
            SubjectColumnName = "subject",
        };
        var pipeline = mlContext.Transforms.LoadAudio("Audio", folder, Key)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.ConvertType("Rated", "sound_distortions", DataKind.Single))
            .Append(mlContext.Transforms.Expression("Label", "x => x < 0 ? na(x) : x", "Rated")) // -1: not rated
            .Append(mlContext.Regression.Trainers.SpeechRegression("Label", "Audio", options));
        using var model = mlContext.Speech().Fit(pipeline, split.Train, split.Validation);
        Console.WriteLine(mlContext.Speech().Regression.Evaluate(model.Transform(split.Test)));
    }
}
