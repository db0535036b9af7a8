using Microsoft.ML;
using SpeechML;

namespace Tasks;

/// <summary>Several labels, each present or not, rated or not (docs/guides/multi-label.md).</summary>
internal static class MultiLabel
{
    private const string Key = "original_audio_id";

    public static void Run(MLContext mlContext, string folder, string encoder)
    {
        var columns = new SpeechMetadataColumns
        {
            AudioKey = Key,
            Subject = "subject",
            Features = ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness"],
        };
        IDataView data = mlContext.Speech().LoadMetadata(
            Path.Combine(folder, "metadata.csv"), columns, ratingThreshold: 2);
        SpeechDataSplit split = mlContext.Speech().SplitBySubject(
            data, "subject", Key, new SubjectSplitOptions { Seed = 1 }, "Labels", "language");
        var options = new SpeechMultiLabelOptions
        {
            Encoder = encoder,
            WhisperContext = WhisperContext.Trimmed,
            SubjectColumnName = "subject",
        };
        var pipeline = mlContext.Transforms.LoadAudio("Audio", folder, Key)
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options));
        using var model = mlContext.Speech().Fit(pipeline, split.Train, split.Validation);
        IDataView scored = model.Transform(split.Test);
        Console.WriteLine(mlContext.Speech().MultiLabel.Evaluate(scored, "Labels", ratingColumnName: "Ratings"));
        Console.WriteLine(mlContext.Speech().MultiLabel.EvaluateIntervals(
            scored, "subject", "Labels", metrics: [SpeechMetrics.RocAuc]));
    }
}
