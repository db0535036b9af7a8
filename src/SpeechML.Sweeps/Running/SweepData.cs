using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.Splits;

namespace SpeechML.Sweeps.Running;

/// <summary>The user's data: two parts, or one to be divided into folds.</summary>
internal sealed record SweepDataset(IDataView Train, IDataView? Validation, string? SubjectColumnName, int Folds);

/// <summary>One division into training and validation data.</summary>
/// <param name="Preprocessing">Fitted on this fold's training data only.</param>
/// <param name="Train">Makes a training view for each fit, so that augmentation starts again from epoch 0.</param>
/// <param name="Validation">The held-out data.</param>
internal sealed record SweepFold(ITransformer Preprocessing, Func<IDataView> Train, IDataView Validation);

/// <summary>
/// The data as the trainers read it: preprocessing fitted per fold, audio decoded once per fold and cached (clips that
/// are equal, once for all folds).
/// </summary>
internal sealed class SweepData : IDisposable
{
    private readonly IHost _host;
    private readonly string _audio;
    private readonly string _label;
    private readonly Action _checkAlive;
    private readonly AudioCache _cache;
    private readonly List<string> _hashes = [];

    public SweepData(IHost host, IEstimator<ITransformer> preprocessing, SweepDataset dataset, string audioColumnName,
        string labelColumnName, int seed, long memoryLimit, CancellationToken cancellation)
    {
        _host = host;
        _audio = audioColumnName;
        _label = labelColumnName;
        _cache = new AudioCache(memoryLimit);
        _checkAlive = () =>
        {
            cancellation.ThrowIfCancellationRequested();
            host.CheckAlive();
        };
        try
        {
            Folds = dataset.Validation is { } validation
                ? [Fold(preprocessing, dataset.Train, validation)]
                : [.. SubjectSplitting
                    .Folds(host, dataset.Train, dataset.SubjectColumnName!, dataset.Folds,
                        new SubjectSplitOptions { Seed = seed }, [])
                    .Select(f => Fold(preprocessing, f.TrainSet, f.TestSet))];
        }
        catch
        {
            Dispose();
            throw;
        }
        Hash = string.Join(' ', _hashes);
    }

    public IReadOnlyList<SweepFold> Folds { get; }

    /// <summary>SHA-256 over the audio of each part, before augmentation.</summary>
    public string Hash { get; }

    /// <summary>The augmentation of the training audio, with its seed; "none" without one.</summary>
    public string Augmentation { get; private set; } = "none";

    public void Dispose() => _cache.Dispose();

    private SweepFold Fold(IEstimator<ITransformer> preprocessing, IDataView train, IDataView validation)
    {
        ITransformer fitted = preprocessing.Fit(train);
        IDataView heldOut = Cache(fitted.Transform(validation));
        if (ForTraining(fitted, train).Schema.GetColumnOrNull(_audio) is { } column && AugmentedAudio.IsMarked(column))
        {
            string settings = string.Join(
                ' ', Parts(fitted).OfType<AudioAugmentationTransformer>().Select(a => a.Identity));
            Augmentation = settings.Length > 0 ? settings : "before the sweep";
            _hashes.Add(AudioCache.Hash(fitted.Transform(train), _audio, _checkAlive));
            return new SweepFold(fitted, () => ForTraining(fitted, train), heldOut);
        }
        IDataView cached = Cache(ForTraining(fitted, train));
        return new SweepFold(fitted, () => cached, heldOut);
    }

    private IDataView Cache(IDataView data)
    {
        if (AugmentedAudio.IsMarked(data.Schema[_audio]))
        {
            return data;
        }
        var cached = new CachedAudioDataView(_host, data, _audio, _label, _cache, _checkAlive);
        _hashes.Add(cached.Hash);
        return cached;
    }

    private static IEnumerable<ITransformer> Parts(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [transformer];

    /// <summary>As <c>EstimatorChain.Fit</c> passes data on to the trainer: with augmentation.</summary>
    private static IDataView ForTraining(ITransformer transformer, IDataView data) => transformer switch
    {
        IEnumerable<ITransformer> chain => chain.Aggregate(data, (view, part) => ForTraining(part, view)),
        ITransformerWithDifferentMappingAtTrainingTime differs => differs.TransformForTrainingPipeline(data),
        _ => transformer.Transform(data),
    };
}
