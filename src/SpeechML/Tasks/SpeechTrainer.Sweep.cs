using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using SpeechML.Model;
using SpeechML.Training.ActivationCache;

namespace SpeechML;

/// <content>What a sweep puts into the trainers that it is given.</content>
public abstract partial class SpeechTrainer<TTransformer>
{
    private IProgress<TrainingProgress>? _trialProgress;
    private CancellationToken _trialCancellation;
    private FrozenWork? _frozenWork;

    /// <summary>Makes the trainer one of a sweep.</summary>
    /// <param name="progress">Told about every step, after the trainer's own observer; what it throws ends the
    /// run.</param>
    /// <param name="frozenWork">What the sweep's trials share.</param>
    /// <param name="cancellation">Stops the run, as the trainer's own token does.</param>
    internal void Attach(IProgress<TrainingProgress> progress, FrozenWork frozenWork, CancellationToken cancellation)
    {
        _trialProgress = progress;
        _trialCancellation = cancellation;
        _frozenWork = frozenWork;
    }

    /// <summary>SHA-256 over the labels of all rows that have one.</summary>
    internal string HashTargets(IDataView data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] targets in ReadTargets(data))
        {
            hash.AppendData(MemoryMarshal.AsBytes(targets.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// What is shared with other runs: by the sweep that the run belongs to, else through
    /// <see cref="CacheOptions.Folder"/>.
    /// </summary>
    private SharedFrozenWork? Shared(SpeechModel model, FrozenBoundary boundary, FrozenWork? own) =>
        boundary.Part == FrozenPart.Nothing ? null
            : (_frozenWork ?? own)?.Of(model.Network, boundary, Options.Encoding);
}
