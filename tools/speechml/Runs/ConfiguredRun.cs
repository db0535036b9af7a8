using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Runs;

/// <summary>One run: data, split, pipeline, training, evaluation, report; on a disk or in a bucket.</summary>
/// <param name="load">Which data.</param>
/// <param name="config">What is learned.</param>
/// <param name="output">The run's folder: a whole path or an address.</param>
/// <param name="resumes">Whether it is there already.</param>
/// <param name="console">Told of every step, and of what to doubt.</param>
internal sealed class ConfiguredRun(
    SpeechLoadConfig load, SpeechModelConfig config, string output, bool resumes, ToolOutput console)
{
    public const string LoadFile = "load.json";
    public const string ModelFile = "model.json";

    private const string SplitFile = "split.csv";

    private readonly MLContext _mlContext = console.Context(config.Trainer.Seed);

    /// <summary>The whole path of a folder, or its address.</summary>
    public static string Whole(string path) =>
        StoragePath.IsRemote(path) ? path.TrimEnd('/') : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    public static bool IsThere(string path) =>
        StoragePath.IsRemote(path) ? StoragePath.List(path).Count > 0 : Path.Exists(path);

    /// <summary>Trains, evaluates and reports.</summary>
    public RunSummary Train(CancellationToken cancellation)
    {
        ConfiguredData data = Read();
        using SpeechRun run = Open(data);
        using TransformerChain<ITransformer> model = Fit(run, data, cancellation);
        TrainingOutcome? outcome = model.OfType<SpeechScoringTransformer>().SingleOrDefault()?.Outcome;
        console.Note("Evaluating");
        IReadOnlyList<RunEvaluation> evaluations = Evaluate(run, model, data, cancellation);
        run.Complete(_mlContext, model, data.Split.Train.Schema);
        EvaluateBaselines(run, data, cancellation);
        console.Note("Writing the report");
        return new RunSummary(output, run.ModelFile!, SpeechReport.Write(run), outcome, evaluations);
    }

    /// <summary>Evaluates the saved model again.</summary>
    public RunSummary Evaluate(CancellationToken cancellation)
    {
        ConfiguredData data = Read();
        using SpeechRun run = Open(data);
        string zip = run.ModelFile ?? throw new InvalidDataException(
            $"Run '{output}': expected a saved model to evaluate, got none. Finish the run with train --resume first.");
        ITransformer saved = _mlContext.Speech().LoadModel(zip, out _);
        using var loaded = saved as IDisposable;
        TrainingOutcome? outcome = SavedModel.ScorerOf(saved)?.Outcome;
        saved = load.AudioFolder.Length > 0 ? _mlContext.Speech().WithAudioFolder(saved, load.AudioFolder) : saved;
        IReadOnlyList<RunEvaluation> evaluations = Evaluate(run, saved, data, cancellation);
        return new RunSummary(output, zip, SpeechReport.Write(run), outcome, evaluations);
    }

    /// <summary>The data; a run that is there keeps its split, whatever would divide them otherwise today.</summary>
    private ConfiguredData Read()
    {
        string split = StoragePath.Combine(output, SplitFile);
        return ConfiguredData.Read(_mlContext, load, config, resumes && StoragePath.Exists(split) ? split : null);
    }

    private SpeechRun Open(ConfiguredData data)
    {
        int name = output.Length - StoragePath.FileName(output).Length;
        SpeechRun run = _mlContext.Speech().CreateRun(output[..name], config.Trainer, new SpeechRunOptions
        {
            Name = output[name..],
            WhenExists = resumes ? ExistingRun.Resume : ExistingRun.Fail,
            WorstClips = config.WorstClips,
            Resamples = config.Resamples,
            Progress = console.Training,
        });
        try
        {
            Keep(LoadFile, SpeechConfig.Write(load));
            Keep(ModelFile, SpeechConfig.Write(config));
            data.Split.Split.Save(StoragePath.Combine(output, SplitFile));
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Writes a configuration, or finds that the run was begun with the same one.</summary>
    private void Keep(string name, string text)
    {
        string path = StoragePath.Combine(output, name);
        if (!StoragePath.Exists(path))
        {
            StoragePath.WriteAllText(path, text);
            return;
        }
        foreach ((string then, string now) in StoragePath.ReadAllText(path).Split('\n').Zip(text.Split('\n')))
        {
            if (then != now)
            {
                throw new InvalidDataException(
                    $"'{path}': expected the settings that the run was begun with, got others: {then.Trim()} then, " +
                    $"{now.Trim()} now. Start another run in another folder.");
            }
        }
    }

    private TransformerChain<ITransformer> Fit(SpeechRun run, ConfiguredData data, CancellationToken cancellation)
    {
        run.RecordData(data.Split.Train, data.Columns);
        // Not in the configuration that is written: another run has another folder.
        string own = config.Trainer.Checkpoints.Folder;
        config.Trainer.Checkpoints.Folder = own.Length > 0 ? own : run.LastFolder;
        IEstimator<ITransformer> trainer =
            TaskTrainers.Create(_mlContext, config.Trainer, data.Columns.Label, run.Progress, cancellation);
        config.Trainer.Checkpoints.Folder = own;
        IEstimator<ITransformer> steps = ConfiguredData.Preparation(_mlContext, load);
        steps = ConfiguredData.Augmentation(_mlContext, load) is { } augmentation ? steps.Append(augmentation) : steps;
        // Of the audio that the network gets.
        steps = ConfiguredData.Measuring(
            _mlContext, ConfiguredData.ExtraFeatures(config.Trainer), data.Split.Train.Schema) is { } measuring
            ? steps.Append(measuring) : steps;
        EstimatorChain<ITransformer> pipeline = steps.Append(trainer);
        return ConfiguredData.IsEmpty(data.Split.Validation) ? pipeline.Fit(data.Split.Train)
            : _mlContext.Speech().Fit(pipeline, data.Split.Train, data.Split.Validation);
    }

    /// <summary>Plain models on the numbers that the network has, or on acoustic measures.</summary>
    private void EvaluateBaselines(SpeechRun run, ConfiguredData data, CancellationToken cancellation)
    {
        if (!config.Baselines || run.Evaluations.Count == 0)
        {
            return;
        }
        console.Note("Fitting plain models to compare with");
        string[] columns = ConfiguredData.ExtraFeatures(config.Trainer) is { Length: > 0 } given ? given
            : [ConfiguredData.Measures];
        IEstimator<ITransformer>? measuring =
            ConfiguredData.Measuring(_mlContext, columns, data.Split.Train.Schema);
        IDataView train = Measured(data.Split.Train);
        foreach (RunEvaluation part in run.Evaluations.ToArray())
        {
            cancellation.ThrowIfCancellationRequested();
            IDataView rows = Measured(part.Split == "test" ? data.Split.Test : data.Split.Validation);
            _ = run.EvaluateBaselines(_mlContext, train, rows, data.Columns, columns, part.Split, cancellation);
        }

        // Measured once, though it is read for each part.
        IDataView Measured(IDataView rows) => measuring is null ? rows : _mlContext.Data.Cache(
            ConfiguredData.Preparation(_mlContext, load).Append(measuring).Fit(rows).Transform(rows), columns);
    }

    private static List<RunEvaluation> Evaluate(
        SpeechRun run, ITransformer model, ConfiguredData data, CancellationToken cancellation)
    {
        var evaluations = new List<RunEvaluation>();
        foreach ((string part, IDataView rows) in
            new[] { ("validation", data.Split.Validation), ("test", data.Split.Test) })
        {
            cancellation.ThrowIfCancellationRequested();
            if (!ConfiguredData.IsEmpty(rows))
            {
                evaluations.Add(run.Evaluate(model, rows, data.Columns, part, cancellation));
            }
        }
        return evaluations;
    }
}
