using SpeechML.EncodeSpeech;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>
/// The clips of a fit with their targets, kept as deep in the network as nothing changes: samples, a hidden state, or
/// the pooled vector. What is frozen is thus computed once per clip, not once per epoch.
/// </summary>
internal sealed class TrainingSet : IDisposable
{
    private readonly long _memoryLimit;
    private readonly int _width;
    private readonly List<long> _lengths = [];
    private readonly List<float[]> _targets = [];
    private ArrayStore _store;

    private TrainingSet(CachePoint start, int width, long memoryLimit)
    {
        Start = start;
        _width = width;
        _memoryLimit = memoryLimit;
        _store = new ArrayStore(memoryLimit);
    }

    /// <summary>Where in the network the clips' batches begin.</summary>
    public CachePoint Start { get; }

    public int Count => _targets.Count;

    /// <summary>
    /// The cost of each clip in a batch, in samples or frames; all equal where the pooled vectors are kept.
    /// </summary>
    public IReadOnlyList<long> Lengths => _lengths;

    /// <summary>The targets of each clip.</summary>
    public IReadOnlyList<float[]> AllTargets => _targets;

    /// <summary>Reads all clips once, computing what is frozen.</summary>
    /// <param name="source">Gives what is kept; <see langword="null"/> to keep samples.</param>
    /// <param name="clips">Samples and targets, read once.</param>
    /// <param name="memoryLimit">Bytes kept in memory; the rest goes to a temporary file.</param>
    /// <param name="batchBudget">Greatest padded number of samples encoded at a time.</param>
    /// <param name="throwIfCancelled">Called before each batch.</param>
    public static TrainingSet Read(
        ActivationSource? source, IEnumerable<(float[] Samples, float[] Targets)> clips, long memoryLimit,
        long batchBudget, Action? throwIfCancelled = null)
    {
        var set = new TrainingSet(source?.Point ?? CachePoint.Samples, source?.Width ?? 0, memoryLimit);
        try
        {
            if (source is null)
            {
                set.AddSamples(clips);
                return set;
            }
            foreach (((_, float[] targets), Activation kept) in
                BatchPlan.Run(clips, c => c.Samples, batchBudget, batch =>
                {
                    throwIfCancelled?.Invoke();
                    return source.Get(batch);
                }))
            {
                set.Add(kept.Values, kept.Length, targets);
            }
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Replaces the clips by the same ones changed anew (augmentation). Nothing computed from them may be kept, so that
    /// <see cref="Start"/> must be <see cref="CachePoint.Samples"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are more or fewer clips than before.</exception>
    public void Refresh(IEnumerable<(float[] Samples, float[] Targets)> clips)
    {
        int count = Count;
        _store.Dispose();
        _store = new ArrayStore(_memoryLimit);
        _lengths.Clear();
        _targets.Clear();
        AddSamples(clips);
        if (Count != count)
        {
            throw new InvalidOperationException(
                $"Training data: expected the same {count} clips in every epoch, got {Count}.");
        }
    }

    /// <summary>Some clips as a batch, in the caller's dispose scope.</summary>
    /// <param name="clips">Their numbers.</param>
    /// <param name="device">Where the tensors go.</param>
    public Batch Batch(int[] clips, Device device)
    {
        var batch = new Batch(Start, [.. clips.Select(i => _lengths[i])]) { Targets = Targets(clips, device) };
        return Start.Stage == CacheStage.Samples
            ? batch with { Clips = [.. clips.Select(_store.Get)] }
            : batch with { Values = Values(clips, device) };
    }

    /// <summary>The kept values of one clip.</summary>
    public float[] Values(int clip) => _store.Get(clip);

    /// <summary>The same clips with other pooled vectors.</summary>
    /// <param name="values">Gives the vector of a clip.</param>
    /// <param name="width">Its size.</param>
    public TrainingSet Pooled(Func<int, float[]> values, int width)
    {
        var set = new TrainingSet(CachePoint.Pooled, width, _memoryLimit);
        for (int i = 0; i < Count; i++)
        {
            set.Add(values(i), 1, _targets[i]);
        }
        return set;
    }

    public void Dispose() => _store.Dispose();

    private void AddSamples(IEnumerable<(float[] Samples, float[] Targets)> clips)
    {
        foreach ((float[] samples, float[] targets) in clips)
        {
            Add(samples, samples.Length, targets);
        }
    }

    private void Add(float[] values, long length, float[] targets)
    {
        _store.Add(values);
        _lengths.Add(length);
        _targets.Add(targets);
    }

    private Tensor Targets(int[] clips, Device device)
    {
        int width = _targets[clips[0]].Length;
        float[] values = [.. clips.SelectMany(i => _targets[i])];
        return width == 1 ? tensor(values, device: device) : tensor(values, [clips.Length, width], device: device);
    }

    /// <summary>Kept arrays as one tensor (batch, rows, width), shorter clips padded with zeros.</summary>
    private Tensor Values(int[] clips, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = clips.Max(i => _store.LengthOf(i)) / _width;
        float[] values = new float[clips.Length * rows * _width];
        for (int i = 0; i < clips.Length; i++)
        {
            _store.CopyTo(clips[i], values.AsSpan(checked((int)(i * rows * _width)), _store.LengthOf(clips[i])));
        }
        Tensor stacked = AlignedTensor.Of(values, clips.Length, rows, _width);
        return (Start.Stage == CacheStage.Pooled ? stacked.squeeze(1) : stacked).to(device).MoveToOuterDisposeScope();
    }
}
