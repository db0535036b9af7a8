using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Training.Caching;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// What a process needs to run trials: the data as trainers read it, what the trials share, and the trainers.
/// </summary>
internal sealed class SweepWorkplace : IDisposable
{
    private readonly ISweepPipeline _pipeline;
    private readonly SweepData _data;

    /// <summary>Fits the preprocessing and reads the audio.</summary>
    public SweepWorkplace(IHost host, ISweepPipeline pipeline, SweepDataset dataset, SweepSettings settings,
        CancellationToken cancellation)
    {
        _pipeline = pipeline;
        long memory = pipeline.Defaults.CacheMemory * (1L << 20);
        _data = new SweepData(host, pipeline.Preprocessing, dataset, pipeline.AudioColumnName, settings.Seed, memory,
            cancellation);
        Work = new ActivationCache(memory, ActivationCacheFolder.Open(pipeline.Defaults.Encoding));
    }

    /// <summary>What the trials share.</summary>
    public ActivationCache Work { get; }

    /// <summary>Fits one run.</summary>
    public ITransformer Fit(TrialRun run, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
        _pipeline.Fit(run, _data.Folds[run.Fold], Work, progress, cancellation);

    /// <summary>Preprocessing and a trained model in one.</summary>
    public ITransformer Whole(ITransformer model) => new TransformerChain<ITransformer>(_data.Preprocessing, model);

    /// <summary>Hashes of the data, by name, for the study's identity.</summary>
    public IEnumerable<(string Name, string Value)> DataIdentity() =>
    [
        ("audio (SHA-256)", _data.Hash),
        ("labels (SHA-256)", string.Join(
        ' ', _data.Folds.Select(f => $"{_pipeline.HashTargets(f.Train())} {_pipeline.HashTargets(f.Validation)}"))),
    ];

    public void Dispose()
    {
        Work.Dispose();
        _data.Dispose();
    }
}
