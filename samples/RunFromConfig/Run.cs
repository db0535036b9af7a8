using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

namespace RunFromConfig;

/// <summary>One run: data, split, pipeline, training, evaluation, report; on a disk or in a bucket.</summary>
/// <param name="load">Which data.</param>
/// <param name="config">What is learned.</param>
/// <param name="output">The run's folder: a whole path or an address.</param>
/// <param name="goesOn">Whether it is there already.</param>
internal sealed class Run(SpeechLoadConfig load, SpeechModelConfig config, string output, bool goesOn)
{
    public const string LoadFile = "load.json";
    public const string ModelFile = "model.json";

    private readonly MLContext _mlContext = new(config.Trainer.Seed);

    public void Execute(bool evalOnly)
    {
        (SpeechDataSplit split, string label) = ReadData();
        var columns = new SpeechRunColumns
        {
            Label = label,
            Rating = config.Task == SpeechTask.MultiLabel ? "Ratings" : "",
            AudioKey = load.Columns.AudioKey,
            Subject = load.Columns.Subject ?? ""
        };
        using SpeechRun run = Open();
        Keep(LoadFile, SpeechConfig.Write(load));
        Keep(ModelFile, SpeechConfig.Write(config));
        split.Split.Save(StoragePath.Combine(output, "split.csv"));
        if (evalOnly)
        {
            string zip = run.ModelFile
                ?? throw new InvalidDataException(
                $"Run '{output}': expected a saved model to judge, got none. Finish the run with --resume first.");
            ITransformer saved = _mlContext.Speech().LoadModel(zip, out _);
            using var loaded = saved as IDisposable;
            saved = load.AudioFolder.Length > 0 ? _mlContext.Speech().WithAudioFolder(saved, load.AudioFolder) : saved;
            Judge(run, saved, split, columns);
        }
        else
        {
            using TransformerChain<ITransformer> model = Train(run, split, columns);
            Judge(run, model, split, columns);
            run.Complete(_mlContext, model, split.Train.Schema);
        }
        Console.WriteLine($"report: {SpeechReport.Write(run)}");
    }

    private SpeechRun Open()
    {
        int name = output.Length - StoragePath.FileName(output).Length;
        return _mlContext.Speech().CreateRun(output[..name], config.Trainer, new SpeechRunOptions
        {
            Name = output[name..],
            WhenExists = goesOn ? ExistingRun.Resume : ExistingRun.Fail,
            WorstClips = config.WorstClips,
            Resamples = config.Resamples,
            Progress = new TextProgress(Console.Out),
        });
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

    private (SpeechDataSplit Split, string Label) ReadData()
    {
        SpeechMetadata metadata = SpeechMetadata.Load(load.MetadataFile, load.Columns);
        metadata = load.Tasks.Count > 0 ? metadata.WithTasks(load.Tasks) : metadata;
        metadata = load.Features.Count > 0 ? metadata.WithFeatures(load.Features) : metadata;
        IReadOnlyList<string> balanced = [.. load.StratifyColumns];
        int seed = load.Split.Seed ?? config.Trainer.Seed ?? 0;
        metadata = load.MaxClips is { } clips ? metadata.Sample(clips, load.RatingThreshold, seed, balanced)
            : metadata;
        IDataView data = _mlContext.Speech().LoadMetadata(metadata, load.RatingThreshold);
        (data, string label) = Labels.Prepare(_mlContext, data, config, metadata.Columns, load.RatingThreshold);
        SubjectSplit split = load.SplitFile.Length > 0 ? SubjectSplit.Load(load.SplitFile)
            : metadata.Split(load.Split, load.RatingThreshold, balanced);
        return (_mlContext.Speech()
            .ApplySplit(data, split, load.Columns.AudioKey, leaveOutOthers: load.Split.OnePerSubject), label);
    }

    private TransformerChain<ITransformer> Train(SpeechRun run, SpeechDataSplit split, SpeechRunColumns columns)
    {
        ITransformer preparation = Preparation().Fit(split.Train);
        IDataView train = preparation.Transform(split.Train);
        run.RecordData(split.Train, columns);
        IDataView? validation = IsEmpty(split.Validation) ? null : preparation.Transform(split.Validation);
        var steps = new List<ITransformer> { preparation };
        if (load.Augmentation.Count > 0)
        {
            AudioAugmentation effects = load.Augmentation.Count == 1 ? load.Augmentation[0]
                : new Compose(load.Augmentation);
            AudioAugmentationTransformer augment =
                _mlContext.Transforms.AugmentAudio("Audio", effects, load.AugmentationSeed).Fit(train);
            train = augment.TransformForTraining(train);
            steps.Add(augment);
        }
        // Not in the configuration that is written: another run has another folder.
        string own = config.Trainer.Checkpoints.Folder;
        config.Trainer.Checkpoints.Folder = own.Length > 0 ? own : run.LastFolder;
        steps.Add(Labels.Fit(_mlContext, config, columns.Label, train, validation, run.Progress));
        config.Trainer.Checkpoints.Folder = own;
        return new TransformerChain<ITransformer>([.. steps]);
    }

    private static void Judge(SpeechRun run, ITransformer model, SpeechDataSplit split, SpeechRunColumns columns)
    {
        foreach ((string part, IDataView data) in new[] { ("validation", split.Validation), ("test", split.Test) })
        {
            if (!IsEmpty(data))
            {
                RunEvaluation evaluation = run.Evaluate(model, data, columns, part);
                IEnumerable<string> figures = evaluation.Figures.Where(f => f.Value.Value is not null)
                    .Select(f => FormattableString.Invariant($"{f.Key} {f.Value.Value:0.###}"));
                Console.WriteLine($"{part}, {evaluation.Rows} clips: {string.Join(", ", figures)}");
            }
        }
    }

    private static bool IsEmpty(IDataView data) =>
        (data.GetRowCount() ?? data.GetColumn<string>(data.Schema[0].Name).LongCount()) == 0;

    private IEstimator<ITransformer> Preparation()
    {
        TransformsCatalog steps = _mlContext.Transforms;
        IEstimator<ITransformer> chain =
            steps.LoadAudio("Audio", load.AudioFolder.Length > 0 ? load.AudioFolder : null, load.Columns.AudioKey,
            load.Audio)
            .Append(steps.ResampleAudio("Audio", load.SampleRate));
        chain = load.TrimSilence is { } silence ? chain.Append(steps.TrimSilence("Audio", silence)) : chain;
        chain = load.TrimToVoice is { } voice ? chain.Append(steps.TrimToVoice("Audio", voice)) : chain;
        chain = load.OffsetSeconds > 0 || load.MaxSeconds is not null
            ? chain.Append(steps.TruncateAudio(
                "Audio", load.MaxSeconds is { } most ? TimeSpan.FromSeconds(most) : null,
                TimeSpan.FromSeconds(load.OffsetSeconds)))
            : chain;
        return load.Normalize is { } level ? chain.Append(steps.NormalizeAudio("Audio", level)) : chain;
    }
}
