using SpeechML.EncodeSpeech;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Training.ActivationCache;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>
/// The clips of a run with their targets, kept as deep in the network as nothing changes: samples, a hidden state, or
/// the pooled vector. What
/// is frozen is thus computed once per clip, not once per epoch.
/// </summary>
internal sealed class TrainingSet : IDisposable
{
    private readonly SpeechNetwork _network;
    private readonly long _memoryLimit;
    private readonly SharedFrozenWork? _shared;
    private ArrayStore _store;
    private readonly List<long> _lengths = [];
    private readonly List<float[]> _targets = [];

    private TrainingSet(SpeechNetwork network, FrozenBoundary boundary, long memoryLimit, SharedFrozenWork? shared)
    {
        _network = network;
        Boundary = boundary;
        _memoryLimit = memoryLimit;
        _shared = shared;
        _store = new ArrayStore(memoryLimit);
    }

    public FrozenBoundary Boundary { get; }

    public int Count => _targets.Count;

    /// <summary>
    /// The cost of each clip in a batch, in samples or frames; all equal where the pooled vectors are kept.
    /// </summary>
    public IReadOnlyList<long> Lengths => _lengths;

    /// <summary>The targets of each clip.</summary>
    public IReadOnlyList<float[]> AllTargets => _targets;

    /// <summary>Reads all clips once, computing what is frozen.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="boundary">How deep the clips are kept.</param>
    /// <param name="clips">Samples and targets, read once.</param>
    /// <param name="memoryLimit">Bytes kept in memory; the rest goes to a temporary file.</param>
    /// <param name="batchBudget">Greatest padded number of samples encoded at a time.</param>
    /// <param name="shared">What other runs have computed of the same frozen part; <see langword="null"/> where nothing
    /// is shared.</param>
    public static TrainingSet Read(
        SpeechNetwork network, FrozenBoundary boundary, IEnumerable<(float[] Samples, float[] Targets)> clips,
        long memoryLimit, long batchBudget, SharedFrozenWork? shared = null)
    {
        var set = new TrainingSet(network, boundary, memoryLimit, shared);
        try
        {
            foreach ((float[] Samples, float[] Targets)[] window in Windows(clips, batchBudget))
            {
                set._targets.AddRange(window.Select(c => c.Targets));
                set.Add([.. window.Select(c => c.Samples)], batchBudget);
            }
        }
        catch
        {
            set.Dispose();
            throw;
        }
        return set;
    }

    /// <summary>
    /// Replaces the clips by the same ones changed anew (augmentation). Nothing computed from them may be kept, so the
    /// boundary must be <see cref="FrozenPart.Nothing"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are more or fewer clips than before.</exception>
    public void Refresh(IEnumerable<(float[] Samples, float[] Targets)> clips)
    {
        int count = Count;
        _store.Dispose();
        _store = new ArrayStore(_memoryLimit);
        _lengths.Clear();
        _targets.Clear();
        foreach ((float[] samples, float[] targets) in clips)
        {
            _targets.Add(targets);
            Add([samples], 0);
        }
        if (Count != count)
        {
            throw new InvalidOperationException(
                $"Training data: expected the same {count} clips in every epoch, got {Count}.");
        }
    }

    /// <summary>Whether what is kept comes before the encoder's layers or between them.</summary>
    public bool KeepsFrames => Boundary.Part is FrozenPart.Nothing or FrozenPart.Layers;

    /// <summary>
    /// Where <see cref="KeepsFrames"/>: the hidden state (batch, frames, hidden) at the boundary with its valid frames
    /// and its number, with gradient where the front end trains.
    /// </summary>
    public (Tensor Hidden, long[] Lengths, int First) Hidden(int[] batch, Device device)
    {
        if (Boundary.Part == FrozenPart.Layers)
        {
            using DisposeScope scope = NewDisposeScope();
            return (Stack(batch, _network.Encoder.Config.HiddenSize).to(device).MoveToOuterDisposeScope(),
                [.. batch.Select(i => _lengths[i])], Boundary.Layer);
        }
        (Tensor hidden, long[] lengths) =
            _network.Encoder.Embed(_network.Encoder.Prepare([.. batch.Select(_store.Get)]));
        return (hidden, lengths, 0);
    }

    /// <summary>The network's output (batch, targets) for some clips, with gradient for what trains.</summary>
    public Tensor Forward(int[] batch, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        if (KeepsFrames)
        {
            (Tensor hidden, long[] lengths, int first) = Hidden(batch, device);
            return _network.FromHidden(hidden, lengths, first).MoveToOuterDisposeScope();
        }
        Tensor output = Boundary.Part switch
        {
            FrozenPart.PooledLayers => _network.FromPooledLayers(Stack(batch, _network.Pooling.OutputSize).to(device)),
            _ => _network.Head!.forward(Stack(batch, _store.LengthOf(batch[0])).squeeze(1).to(device)),
        };
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Targets of some clips, (batch, targets), or (batch) where a clip has a single one.</summary>
    public Tensor Targets(int[] batch, Device device)
    {
        int width = _targets[batch[0]].Length;
        float[] values = [.. batch.SelectMany(i => _targets[i])];
        return width == 1 ? tensor(values, device: device) : tensor(values, [batch.Length, width], device: device);
    }

    public void Dispose() => _store.Dispose();

    /// <summary>Groups of clips read ahead together, so that clips of like length can share a batch.</summary>
    private static IEnumerable<(float[] Samples, float[] Targets)[]> Windows(
        IEnumerable<(float[] Samples, float[] Targets)> clips, long batchBudget)
    {
        var window = new List<(float[] Samples, float[] Targets)>();
        long samples = 0;
        foreach ((float[] Samples, float[] Targets) clip in clips)
        {
            window.Add(clip);
            samples += clip.Samples.Length;
            if (samples >= batchBudget * EncodingBatches.BatchesPerWindow)
            {
                yield return [.. window];
                window.Clear();
                samples = 0;
            }
        }
        if (window.Count > 0)
        {
            yield return [.. window];
        }
    }

    private void Add(float[][] clips, long batchBudget)
    {
        if (Boundary.Part == FrozenPart.Nothing)
        {
            foreach (float[] clip in clips)
            {
                _store.Add(clip);
                _lengths.Add(clip.Length);
            }
            return;
        }
        var kept = new (float[] Values, long Length)[clips.Length];
        foreach (int[] batch in BatchPlan.Sorted(
            [.. clips.Select(c => (long)c.Length)], batchBudget, EncodingBatches.MaxBatch))
        {
            float[][] inputs = [.. batch.Select(i => clips[i])];
            (float[] Values, long Length)[] results = _shared is null ? Compute(inputs)
                : _shared.GetOrCompute(inputs, () => Compute(inputs));
            for (int i = 0; i < batch.Length; i++)
            {
                kept[batch[i]] = results[i];
            }
        }
        foreach ((float[] values, long length) in kept)
        {
            _store.Add(values);
            _lengths.Add(length);
        }
    }

    /// <summary>What the frozen part makes of a batch of clips, with the lengths that go with it.</summary>
    private (float[] Values, long Length)[] Compute(float[][] clips)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        (Tensor hidden, long[] lengths) = _network.Encoder.Embed(_network.Encoder.Prepare(clips));
        if (Boundary.Part != FrozenPart.Layers)
        {
            Tensor pooled = Boundary.Part == FrozenPart.Pooling ? _network.PoolFrom(hidden, lengths, 0)
                : _network.PoolLayersFrom(hidden, lengths, 0);
            return [.. clips.Select((_, i) => (pooled[i].contiguous().cpu().data<float>().ToArray(), 1L))];
        }
        Tensor state = Boundary.Layer == 0
            ? hidden
            : _network.Encoder.RunLayers(
                hidden, lengths, 0, new HashSet<int> { Boundary.Layer }).HiddenStates[Boundary.Layer];
        return [.. lengths.Select((length, i) =>
            (state[i].narrow(0, 0, Math.Min(
            state.shape[1], _network.Encoder.AttendedFrames(length))).contiguous().cpu().data<float>().ToArray(),
            length))];
    }

    /// <summary>Kept arrays as one tensor (batch, frames, width), shorter clips padded with zeros.</summary>
    private Tensor Stack(int[] batch, int width)
    {
        long frames = batch.Max(i => _store.LengthOf(i)) / width;
        float[] values = new float[batch.Length * frames * width];
        for (int i = 0; i < batch.Length; i++)
        {
            _store.CopyTo(batch[i], values.AsSpan(checked((int)(i * frames * width)), _store.LengthOf(batch[i])));
        }
        return AlignedTensor.Of(values, batch.Length, frames, width);
    }
}
