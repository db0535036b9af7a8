using SpeechML.Data.Recordings;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Model.Extras;
using SpeechML.Recordings;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;
using Activation = SpeechML.Training.Caching.Activation;

namespace SpeechML.Training;

/// <summary>
/// The clips of a fit with their targets, kept as deep in the network as nothing changes: samples, frames of the
/// convolutions, a hidden state, or the pooled vector. What is frozen is thus computed once per clip, not once per
/// epoch.
/// </summary>
internal sealed class TrainingSet : IDisposable
{
    private readonly long _memoryLimit;
    private readonly int _width;
    private readonly List<long> _lengths = [];
    private readonly List<float[]> _targets = [];
    private readonly LongAudioLimits? _longAudio;

    // Of each clip: the number of its first value, and of its windows where it is kept by these.
    private readonly List<(int First, AudioWindow[] Windows)> _clips = [];
    private readonly List<long> _valueLengths = [];
    private ArrayStore _store;
    private ScalarType? _rounding; // of all values alike

    private TrainingSet(CachePoint start, int width, long memoryLimit, LongAudioLimits? longAudio)
    {
        _longAudio = longAudio;
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

    /// <summary>The extra features of each clip, as their columns have them; <see langword="null"/> for none.</summary>
    public IReadOnlyList<float[]>? Extras { get; set; }

    /// <summary>Reads all clips once, computing what is frozen.</summary>
    /// <param name="source">Gives what is kept; <see langword="null"/> to keep samples.</param>
    /// <param name="clips">Samples and targets, read once.</param>
    /// <param name="memoryLimit">Bytes kept in memory; the rest goes to a temporary file.</param>
    /// <param name="batchBudget">Greatest padded number of samples encoded at a time.</param>
    /// <param name="throwIfCancelled">Called before each batch.</param>
    /// <param name="longAudio">What is done with long clips; <see langword="null"/> for what the source says, and
    /// without one for nothing.</param>
    public static TrainingSet Read(
        ActivationSource? source, IEnumerable<(float[] Samples, float[] Targets)> clips, long memoryLimit,
        long batchBudget, Action? throwIfCancelled = null, LongAudioLimits? longAudio = null)
    {
        var set = new TrainingSet(
            source?.Point ?? CachePoint.Samples, source?.Width ?? 0, memoryLimit, longAudio ?? source?.LongAudio);
        try
        {
            if (source is null)
            {
                set.AddSamples(clips);
                return set;
            }
            foreach (((float[] samples, float[] targets), Activation[] kept) in
                BatchPlan.Run(clips, c => c.Samples, batchBudget, batch =>
                {
                    throwIfCancelled?.Invoke();
                    return source.Get([.. batch.Select(c => c.Samples)]);
                }))
            {
                set.Add(kept, source.IsKeptByWindow(samples) ? source.LongAudio.Cut(samples.Length) : [], targets);
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
        _clips.Clear();
        _valueLengths.Clear();
        AddSamples(clips);
        if (Count != count)
        {
            throw new InvalidOperationException(
                $"Training data: expected the same {count} clips in every epoch, got {Count}.");
        }
    }

    /// <summary>Whether all windows of a clip are needed for what the network gives of it.</summary>
    public bool IsLong(int clip) => _clips[clip].Windows.Length > 0 || IsLongSamples(clip);

    /// <summary>Some clips as a batch, in the caller's dispose scope.</summary>
    /// <param name="clips">Their numbers.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <param name="draw">Which part of a long clip is taken.</param>
    public Batch Batch(int[] clips, Device device, WindowDraw draw = default)
    {
        int[] values = [.. clips.Select(clip => _clips[clip].First
            + (_clips[clip].Windows.Length == 0 ? 0 : draw.Window(clip, _clips[clip].Windows.Length)))];
        Tensor targets = Targets(clips, device);
        if (Start.Stage != CacheStage.Samples)
        {
            return Batch(values, device) with { Targets = targets, Extras = ExtrasOf(clips, device) };
        }
        float[][] samples = [.. clips.Zip(values, (clip, value) =>
            IsLongSamples(clip) ? draw.Part(clip, _store.Get(value), _longAudio!) : _store.Get(value))];
        return Model.Batch.Of(samples) with { Targets = targets, Extras = ExtrasOf(clips, device) };
    }

    /// <summary>All windows of a long clip; the tensors of a batch go when the next one is asked for.</summary>
    /// <param name="clip">Its number.</param>
    /// <param name="network">What they are for.</param>
    /// <param name="device">Where the tensors go.</param>
    public IEnumerable<WindowBatch> Windows(int clip, SpeechNetwork network, Device device)
    {
        if (Start.Stage == CacheStage.Samples)
        {
            foreach (WindowBatch batch in RecordingEncoder.Windows(network, _store.Get(_clips[clip].First)))
            {
                yield return batch;
            }
            yield break;
        }
        for (int i = 0; i < _clips[clip].Windows.Length; i++)
        {
            Batch window = Batch([_clips[clip].First + i], device);
            yield return new WindowBatch(window, [_clips[clip].Windows[i]]);
            window.Values!.Dispose();
        }
    }

    /// <summary>The kept values of one clip.</summary>
    public float[] Values(int clip) => _store.Get(_clips[clip].First);

    /// <summary>The same clips with other pooled vectors.</summary>
    /// <param name="values">Gives the vector of a clip.</param>
    /// <param name="width">Its size.</param>
    public TrainingSet Pooled(Func<int, float[]> values, int width)
    {
        var set = new TrainingSet(CachePoint.Pooled, width, _memoryLimit, null) { Extras = Extras };
        for (int i = 0; i < Count; i++)
        {
            set.Add([new Activation(values(i), 1)], [], _targets[i]);
        }
        return set;
    }

    public void Dispose() => _store.Dispose();

    private void AddSamples(IEnumerable<(float[] Samples, float[] Targets)> clips)
    {
        foreach ((float[] samples, float[] targets) in clips)
        {
            Add([new Activation(samples, samples.Length)], [], targets);
        }
    }

    private void Add(Activation[] values, AudioWindow[] windows, float[] targets)
    {
        _clips.Add((_store.Count, windows));
        foreach (Activation value in values)
        {
            _store.Add(value);
            _rounding = value.Rounding;
            _valueLengths.Add(value.Length);
        }
        // A long clip costs what the part of it costs that a step takes.
        long length = values.Max(v => v.Length);
        _lengths.Add(Start.Stage == CacheStage.Samples && _longAudio?.IsCut(length) == true ? _longAudio.Window
            : length);
        _targets.Add(targets);
    }

    private bool IsLongSamples(int clip) => Start.Stage == CacheStage.Samples
        && _longAudio?.IsCut(_store.LengthOf(_clips[clip].First)) == true;

    private Tensor? ExtrasOf(int[] clips, Device device) =>
        Extras is null ? null : ExtraInput.Rows([.. clips.Select(i => Extras[i])], device);

    private Batch Batch(int[] values, Device device) =>
        new(Start, [.. values.Select(i => _valueLengths[i])]) { Values = Values(values, device) };

    /// <summary>The targets of some clips, (batch, targets), or (batch) where a clip has a single one.</summary>
    public Tensor Targets(int[] clips, Device device)
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
        Tensor moved = (Start.Stage == CacheStage.Pooled ? stacked.squeeze(1) : stacked).to(device);
        return (_rounding is { } type ? Reduced.As(moved, type) : moved).MoveToOuterDisposeScope();
    }
}
