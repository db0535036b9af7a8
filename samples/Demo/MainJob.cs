using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML;

namespace Demo;

internal static class MainJob
{
    public static int Run(DemoSettings settings)
    {
        var clock = Stopwatch.StartNew();
        var mlContext = new MLContext(settings.Seed);
        mlContext.Log += (_, e) =>
        {
            bool layers = e.Message.Contains("Layers: ", StringComparison.Ordinal);
            if (e.Kind == ChannelMessageKind.Warning || layers)
            {
                Console.WriteLine($"    {e.Message}");
            }
        };
        var columns = new SpeechMetadataColumns
        {
            AudioKey = settings.Key,
            Subject = settings.Subject,
            Features = settings.Features
        };
        IDataView data = mlContext.Speech().LoadMetadata(settings.MetadataFile, columns, settings.Threshold);
        var shares = new SubjectSplitOptions { Train = 0.7, Validation = 0, Test = 0.3, Seed = settings.Seed };
        SpeechDataSplit split = mlContext.Speech()
            .SplitBySubject(data, settings.Subject, settings.Key, shares, "Labels", settings.Class);
        Console.WriteLine(
            $"{split.Train.GetRowCount()} recordings to train on, {split.Test.GetRowCount()} of other subjects to " +
            $"judge by");

        IEstimator<ITransformer> Pipeline(IEstimator<ITransformer> trainer) =>
            mlContext.Transforms.LoadAudio("Audio", settings.AudioFolder, settings.Key)
                .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
                .Append(mlContext.Transforms.Conversion.MapValueToKey(settings.Class))
                .Append(trainer);

        Console.WriteLine("(a) rated features, frozen encoder");
        var featureOptions = new SpeechMultiLabelOptions
        {
            Encoder = settings.Encoder,
            SubjectColumnName = settings.Subject,
            // Whisper is shown the clip and one second of silence instead of 30 s: the clips are short.
            WhisperContext = WhisperContext.Trimmed,
            Seed = settings.Seed,
        };
        var runOptions = new SpeechRunOptions
        {
            Name = "features",
            WhenExists = ExistingRun.NextNumber,
            Progress = Progress()
        };
        using SpeechRun run = mlContext.Speech()
            .CreateRun(Path.Combine(settings.OutputFolder, "runs"), featureOptions, runOptions);
        run.RecordCheck(Check(mlContext, settings, split));
        ITransformer features =
            Pipeline(mlContext.Speech().Trainers.MultiLabelClassification(
            "Labels", "Audio", featureOptions, run.Progress)).Fit(split.Train);
        MultiLabelMetrics rated = mlContext.Speech().MultiLabel.Evaluate(features.Transform(split.Test), "Labels");
        Console.WriteLine(rated);

        Console.WriteLine($"(b) {settings.Class}, frozen encoder");
        SpeechClassificationOptions options = ClassOptions(settings);
        ITransformer frozen = Pipeline(
            mlContext.MulticlassClassification.Trainers.SpeechClassification(
            settings.Class, "Audio", options, Progress())).Fit(split.Train);
        MulticlassClassificationMetrics language =
            mlContext.MulticlassClassification.Evaluate(frozen.Transform(split.Test), settings.Class);
        Console.WriteLine(language.ConfusionMatrix.GetFormattedConfusionTable());

        Console.WriteLine($"(c) {settings.Class}, highest layer in use fine-tuned");
        options.Freezing = LayerFreezing.ExcludeLast;
        options.Epochs = 4;
        ITransformer tuned = Pipeline(
            mlContext.MulticlassClassification.Trainers.SpeechClassification(
            settings.Class, "Audio", options, Progress())).Fit(split.Train);
        MulticlassClassificationMetrics finetuned =
            mlContext.MulticlassClassification.Evaluate(tuned.Transform(split.Test), settings.Class);
        Console.WriteLine(finetuned.ConfusionMatrix.GetFormattedConfusionTable());

        Console.WriteLine("(e) saved, and loaded in another process");
        Directory.CreateDirectory(settings.OutputFolder);
        bool identical = Scoring.SameInAnotherProcess(
            mlContext, settings, data.Schema, split.Test, ("features.zip", features, "Probability"),
            ("class.zip", frozen, "Score"), ("finetuned.zip", tuned, "Score"));
        Console.WriteLine($"    report: {Report(mlContext, settings, run, features, split)}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"demo: feature_macro_auc={rated.RocAuc.Macro} language_accuracy={language.MicroAccuracy:F3} " +
            $"finetuned_language_accuracy={finetuned.MicroAccuracy:F3} " +
            $"reload_identical={(identical ? "true" : "false")} seconds={clock.Elapsed.TotalSeconds:F0}"));
        return identical ? 0 : 1;
    }

    /// <summary>The run folder: data, evaluation, model, and a page to look at and listen to.</summary>
    private static string Report(
        MLContext mlContext, DemoSettings settings, SpeechRun run, ITransformer model, SpeechDataSplit split)
    {
        var columns = new SpeechRunColumns
        {
            Label = "Labels",
            Rating = "Ratings",
            AudioKey = settings.Key,
            Subject = settings.Subject
        };
        run.RecordData(split.Train, columns);
        run.Evaluate(model, split.Test, columns);
        run.Complete(mlContext, model, split.Train.Schema);
        return SpeechReport.Write(run);
    }

    /// <summary>A bar on a terminal, else a line per tenth of the epochs.</summary>
    private static TextProgress Progress() =>
        new(Console.Out, new TextProgressOptions
        {
            Interactive = !Console.IsOutputRedirected,
            MaxLines = 10,
            Indent = "    "
        });

    private static SpeechDataReport Check(MLContext mlContext, DemoSettings settings, SpeechDataSplit split)
    {
        SpeechDataReport check = mlContext.Speech().CheckData(split, new SpeechDataCheckOptions
        {
            AudioKeyColumnName = settings.Key,
            AudioFolder = settings.AudioFolder,
            SubjectColumnName = settings.Subject,
            LabelColumnNames = ["Labels", settings.Class],
            Encoder = settings.Encoder,
        });
        Console.WriteLine(FormattableString.Invariant(
            $"    {check.Clips} recordings checked, {check.Findings.Count} findings"));
        return check;
    }

    private static SpeechClassificationOptions ClassOptions(DemoSettings settings) => new()
    {
        Encoder = settings.Encoder,
        SubjectColumnName = settings.Subject,
        WhisperContext = WhisperContext.Trimmed,
        Seed = settings.Seed,
    };
}
