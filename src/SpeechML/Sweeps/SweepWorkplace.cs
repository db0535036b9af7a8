using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Training;

namespace SpeechML.Sweeps;

/// <summary>What a process needs to run trials: the data as trainers read it, what the trials share, and the trainers.</summary>
internal sealed class SweepWorkplace : IDisposable
{
    private readonly ISweepPipeline _pipeline;
    private readonly SweepDataset _dataset;
    private readonly SweepSettings _settings;
    private readonly SweepData _data;

    /// <summary>Fits the preprocessing and reads the audio.</summary>
    public SweepWorkplace(IHost host, ISweepPipeline pipeline, SweepDataset dataset, SweepSettings settings, CancellationToken cancellation)
    {
        _pipeline = pipeline;
        _dataset = dataset;
        _settings = settings;
        long memory = pipeline.Defaults.CacheMemory * (1L << 20);
        _data = new SweepData(host, pipeline.Preprocessing, dataset, pipeline.AudioColumnName, settings.Seed, memory, cancellation);
        Work = new FrozenWork(memory);
    }

    /// <summary>What the trials share.</summary>
    public FrozenWork Work { get; }

    /// <summary>Fits one run.</summary>
    public ITransformer Fit(TrialRun run, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
        _pipeline.Fit(run, _data.Folds[run.Fold], Work, progress, cancellation);

    /// <summary>Preprocessing and a trained model in one.</summary>
    public ITransformer Whole(ITransformer model) => new TransformerChain<ITransformer>(_data.Preprocessing, model);

    /// <summary>What the study is, by name.</summary>
    public Dictionary<string, string> Identity()
    {
        var identity = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["metric"] = _settings.Metric.ToString(),
            ["tuner"] = _settings.Tuner.Describe(),
            ["pruner"] = _settings.Pruner.Describe(),
            ["seed"] = FormattableString.Invariant($"{_settings.Seed}"),
            ["seeds per trial"] = FormattableString.Invariant($"{_settings.Seeds}"),
            ["folds"] = FormattableString.Invariant($"{_dataset.Folds}"),
            ["trainer"] = _pipeline.TrainerName,
            ["audio (SHA-256)"] = _data.Hash,
            ["labels (SHA-256)"] = string.Join(' ', _data.Folds.Select(f => $"{_pipeline.HashTargets(f.Train())} {_pipeline.HashTargets(f.Validation)}")),
        };
        foreach (SweepParameter parameter in _pipeline.Space.Parameters)
        {
            identity[$"parameter {parameter.Name}"] = parameter.Describe();
        }
        foreach ((string name, string value) in RunIdentity.Describe(_pipeline.Defaults))
        {
            identity[$"option {name}"] = value;
        }
        return identity;
    }

    public void Dispose()
    {
        Work.Dispose();
        _data.Dispose();
    }
}
