using Microsoft.ML;
using Microsoft.ML.Transforms;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>
/// Whole runs of a second of the tasks with one label: yes or no, ordered classes, a number. One rating of the number
/// and one of the classes is missing.
/// </summary>
internal sealed class TaskRuns
{
    private const int Clips = 12;

    public TaskRuns()
    {
        IDataView rows = Context.Data.LoadFromEnumerable(Prompts.Rows(Clips).Select((r, i) => new Row
        {
            Path = r.Path,
            Subject = r.Subject,
            Language = r.Label,
            IsEnglish = r.Label == "en",
            Number = i == 5 ? float.NaN : 1 + (0.5f * (i % 4)),
            Other = i is 2 or 5 ? float.NaN : 3 - (0.25f * (i % 5)),
            Level = i == 7 ? "" : $"{i % 3}",
        }));
        IDataView levels = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 3)
            .Select(k => new LevelRow { Level = $"{k}" }));
        Data = PromptAudio.Whole(Context)
            .Append(Context.Transforms.TruncateAudio("Audio", TimeSpan.FromSeconds(1)))
            .Append(Context.Transforms.Conversion.MapValueToKey(
                "Level", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue, keyData: levels))
            .Append(Context.Transforms.Concatenate("Numbers", "Number", "Other"))
            .Fit(rows).Transform(rows);
    }

    public MLContext Context { get; } = new(seed: 1);

    /// <summary>
    /// Columns <c>Audio</c>, <c>Path</c>, <c>Subject</c>, <c>Language</c>, <c>IsEnglish</c>, <c>Number</c>,
    /// <c>Level</c> (a key that rises), <c>Other</c>, and <c>Numbers</c> of both.
    /// </summary>
    public IDataView Data { get; }

    public (SpeechRun Run, ITransformer Model) Binary(string runs)
    {
        SpeechBinaryOptions options = Tiny(new SpeechBinaryOptions());
        SpeechRun run = Context.Speech().CreateRun(runs, options);
        return (run, Finish(run,
            Context.BinaryClassification.Trainers.SpeechClassification("IsEnglish", "Audio", options, run.Progress)
            .Fit(Data, Data), "IsEnglish"));
    }

    public (SpeechRun Run, ITransformer Model) Ordinal(string runs)
    {
        SpeechOrdinalOptions options = Tiny(new SpeechOrdinalOptions());
        SpeechRun run = Context.Speech().CreateRun(runs, options);
        return (run, Finish(run,
            Context.Speech().Trainers.OrdinalClassification("Level", "Audio", options, run.Progress).Fit(Data),
            "Level"));
    }

    public (SpeechRun Run, ITransformer Model) Regression(string runs)
    {
        SpeechRegressionOptions options = Tiny(new SpeechRegressionOptions());
        SpeechRun run = Context.Speech().CreateRun(runs, options);
        return (run, Finish(run,
            Context.Regression.Trainers.SpeechRegression("Number", "Audio", options, run.Progress).Fit(Data),
            "Number"));
    }

    public (SpeechRun Run, ITransformer Model) Numbers(string runs)
    {
        SpeechRegressionOptions options = Tiny(new SpeechRegressionOptions());
        SpeechRun run = Context.Speech().CreateRun(runs, options);
        return (run, Finish(run,
            Context.Regression.Trainers.SpeechRegression("Numbers", "Audio", options, run.Progress).Fit(Data),
            "Numbers"));
    }

    private static T Tiny<T>(T options)
        where T : SpeechTrainingOptions
    {
        options.Encoder = RepositoryFiles.TinyEncoder("hubert-base-like");
        options.Layers = EncoderLayers.Last; // so that there are epochs
        (options.Epochs, options.BatchSize, options.EncoderLearningRate, options.HeadLearningRate) = (3, 4, 1e-3, 1e-2);
        return options;
    }

    private ITransformer Finish(SpeechRun run, ITransformer model, string label)
    {
        SpeechRunColumns columns = TinyRuns.Columns(label);
        run.RecordData(Data, columns);
        run.Evaluate(model, Data, columns);
        run.Complete(Context, model, Data.Schema);
        return model;
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Subject { get; set; } = "";

        public string Language { get; set; } = "";

        public bool IsEnglish { get; set; }

        public float Number { get; set; }

        public float Other { get; set; }

        public string Level { get; set; } = "";
    }

    private sealed class LevelRow
    {
        public string Level { get; set; } = "";
    }

    /// <summary>A check that finds something: the same recording twice, a file that is not there.</summary>
    public static SpeechDataReport Check(MLContext mlContext)
    {
        List<PromptRow> rows = Prompts.Rows(3);
        IDataView data = mlContext.Data.LoadFromEnumerable(rows.Append(rows[0])
            .Append(new PromptRow { Path = "<gone>.wav", Subject = "x", Label = "en" }));
        return mlContext.Speech()
            .CheckData(data, new SpeechDataCheckOptions
            {
                AudioKeyColumnName = "Path",
                AudioFolder = RepositoryFiles.Prompts,
                SubjectColumnName = "Subject",
                LabelColumnNames = ["Label"]
            });
    }
}
