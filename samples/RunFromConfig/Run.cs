using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;
using SpeechML.Transforms;

namespace RunFromConfig;

/// <summary>One run: data, split, pipeline, training, evaluation.</summary>
internal sealed class Run(SpeechLoadConfig load, SpeechModelConfig config, string output, bool debug)
{
    private const int DebugClips = 60;

    private readonly MLContext _mlContext = new(config.Trainer.Seed);

    public void Execute(bool evalOnly)
    {
        if (debug)
        {
            config.Trainer.Epochs = 1;
        }
        string zip = Path.Combine(output, "model.zip");
        (SpeechDataSplit split, string label) = ReadData();
        Directory.CreateDirectory(output);
        SpeechConfig.Save(load, Path.Combine(output, "load.json"));
        SpeechConfig.Save(config, Path.Combine(output, "model.json"));
        split.Split.Save(Path.Combine(output, "split.csv"));
        ITransformer model;
        if (evalOnly)
        {
            model = _mlContext.Model.Load(zip, out _);
        }
        else
        {
            model = Train(split, label);
            _mlContext.Model.Save(model, split.Train.Schema, zip);
        }
        using var disposable = model as IDisposable;
        Evaluation.Write(_mlContext, config.Task, model, split, label, Path.Combine(output, "evaluation.json"));
    }

    private (SpeechDataSplit Split, string Label) ReadData()
    {
        SpeechMetadata metadata = SpeechMetadata.Load(load.MetadataFile, load.Columns);
        metadata = load.Tasks.Count > 0 ? metadata.WithTasks(load.Tasks) : metadata;
        metadata = load.Features.Count > 0 ? metadata.WithFeatures(load.Features) : metadata;
        IReadOnlyList<string> balanced = [.. load.StratifyColumns];
        metadata = debug ? metadata.Sample(DebugClips, load.RatingThreshold, load.Split.Seed, balanced) : metadata;
        IDataView data = _mlContext.Speech().LoadMetadata(metadata, load.RatingThreshold);
        (data, string label) = Labels.Prepare(_mlContext, data, config, metadata.Columns, load.RatingThreshold);
        SubjectSplit split = load.SplitFile.Length > 0 ? SubjectSplit.Load(load.SplitFile) : metadata.Split(load.Split, load.RatingThreshold, balanced);
        return (_mlContext.Speech().ApplySplit(data, split, load.Columns.AudioKey, leaveOutOthers: load.Split.OnePerSubject), label);
    }

    private TransformerChain<ITransformer> Train(SpeechDataSplit split, string label)
    {
        ITransformer preparation = Preparation().Fit(split.Train);
        IDataView train = preparation.Transform(split.Train);
        IDataView? validation = split.Validation.GetRowCount() > 0 ? preparation.Transform(split.Validation) : null;
        var steps = new List<ITransformer> { preparation };
        if (load.Augmentation.Count > 0)
        {
            AudioAugmentation effects = load.Augmentation.Count == 1 ? load.Augmentation[0] : new Compose(load.Augmentation);
            AudioAugmentationTransformer augment = _mlContext.Transforms.AugmentAudio("Audio", effects, load.AugmentationSeed).Fit(train);
            train = augment.TransformForTraining(train);
            steps.Add(augment);
        }
        // Not in the configuration that is written: another run has another folder.
        string own = config.Trainer.CheckpointFolder;
        config.Trainer.CheckpointFolder = own.Length > 0 ? own : Path.Combine(output, "checkpoints");
        steps.Add(Labels.Fit(_mlContext, config, label, train, validation, new Epochs()));
        config.Trainer.CheckpointFolder = own;
        return new TransformerChain<ITransformer>([.. steps]);
    }

    private IEstimator<ITransformer> Preparation()
    {
        TransformsCatalog steps = _mlContext.Transforms;
        IEstimator<ITransformer> chain = steps.LoadAudio("Audio", load.AudioFolder.Length > 0 ? load.AudioFolder : null, load.Columns.AudioKey, load.Audio)
            .Append(steps.ResampleAudio("Audio", load.SampleRate));
        chain = load.TrimSilence is { } silence ? chain.Append(steps.TrimSilence("Audio", silence)) : chain;
        chain = load.TrimToVoice is { } voice ? chain.Append(steps.TrimToVoice("Audio", voice)) : chain;
        chain = load.OffsetSeconds > 0 || load.MaxSeconds is not null
            ? chain.Append(steps.TruncateAudio("Audio", load.MaxSeconds is { } most ? TimeSpan.FromSeconds(most) : null, TimeSpan.FromSeconds(load.OffsetSeconds)))
            : chain;
        return load.Normalize is { } level ? chain.Append(steps.NormalizeAudio("Audio", level)) : chain;
    }

    private sealed class Epochs : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.EpochLoss is { } loss)
            {
                Console.WriteLine(FormattableString.Invariant($"epoch {value.Epoch}/{value.Epochs}  loss {loss:F4}  validation {value.Validation?.Loss:F4}  {value.Elapsed.TotalSeconds:F0} s"));
            }
        }
    }
}
