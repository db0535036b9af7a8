using SpeechML.Encoders;
using SpeechML.Encoders.Layers;
using SpeechML.Model;
using SpeechML.Recordings;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training.Caching;

/// <summary>A cached value of one clip.</summary>
/// <param name="Values">The values, row after row.</param>
/// <param name="Length">Its valid frames where it has any, else 1.</param>
internal readonly record struct Activation(float[] Values, long Length)
{
    /// <summary>
    /// The type of 16 bits that the values were computed in and go on in; <see langword="null"/> for float32.
    /// </summary>
    public ScalarType? Rounding { get; init; }
}

/// <summary>Gives the values of clips at a point of the network, from a cache where there is one.</summary>
/// <param name="network">The network, in evaluation mode.</param>
/// <param name="point">The point; not <see cref="CacheStage.Samples"/>.</param>
/// <param name="shared">What other fits have computed of the same frozen part; <see langword="null"/> for
/// nothing.</param>
internal sealed class ActivationSource(SpeechNetwork network, CachePoint point, SharedActivationCache? shared = null)
{
    /// <summary>The point that the values are of.</summary>
    public CachePoint Point => point;

    /// <summary>Numbers in a row of the values.</summary>
    public int Width => point.Stage switch
    {
        CacheStage.FrontEnd => ((IConvolutionalEncoder)network.Encoder).FrontEndChannels,
        CacheStage.Hidden => network.Encoder.Config.HiddenSize,
        _ => network.Pooling.OutputSize,
    };

    /// <summary>What is done with long clips.</summary>
    public LongAudioLimits LongAudio => network.LongAudio;

    /// <summary>
    /// The values of a batch of clips: one each, or one for each window of a clip that is kept by windows.
    /// </summary>
    public Activation[][] Get(float[][] clips)
    {
        Activation[] values = shared is null ? Compute(clips) : shared.GetOrCompute(clips, () => Compute(clips));
        var parts = new Activation[clips.Length][];
        int next = 0;
        for (int i = 0; i < clips.Length; i++)
        {
            int count = IsKeptByWindow(clips[i]) ? LongAudio.Cut(clips[i].Length).Length : 1;
            parts[i] = values[next..(next += count)];
        }
        return parts;
    }

    /// <summary>Whether a clip is kept by windows, rather than as one value of all of them.</summary>
    public bool IsKeptByWindow(float[] clip) =>
        LongAudio.IsCut(clip.Length) && (point.HasFrames || !LongAudio.PoolsTogether);

    private Activation[] Compute(float[][] clips)
    {
        float[][] fitting = [.. clips.Where(c => !LongAudio.IsCut(c.Length))];
        if (fitting.Length == clips.Length)
        {
            return Compute(Batch.Of(clips));
        }
        var values = new Queue<Activation>(fitting.Length == 0 ? [] : Compute(Batch.Of(fitting)));
        return [.. clips.SelectMany(c => LongAudio.IsCut(c.Length) ? ComputeWindows(c) : [values.Dequeue()])];
    }

    private Activation[] ComputeWindows(float[] clip)
    {
        IEnumerable<WindowBatch> windows = RecordingEncoder.Windows(network, clip);
        bool layers = point.Stage == CacheStage.PooledLayers;
        return point.HasFrames ? [.. windows.SelectMany(w => Compute(w.Clips))]
            : LongAudio.PoolsTogether ? [new Activation(RecordingEncoder.Pool(network, windows, layers), 1)]
            : RecordingEncoder.PoolEach(network, windows, layers);
    }

    private Activation[] Compute(Batch clips)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        (Tensor values, long[] lengths) = network.ComputeActivation(clips, point);
        return !point.HasFrames
            ? [.. clips.Lengths.Select((_, i) => new Activation(Array(values[i]), 1))]
            : [.. lengths.Select((length, i) => new Activation(
                Array(values[i].narrow(0, 0, Math.Min(values.shape[1], Kept(length)))), length)
            {
                Rounding = Reduced.Is(values) ? values.dtype : null,
            })];
    }

    // Behind the valid frames attention may see some that the layers made, never what the convolutions gave there.
    private long Kept(long length) => point.Stage == CacheStage.FrontEnd ? length
        : network.Encoder.AttendedFrames(length);

    private static float[] Array(Tensor values) =>
        Reduced.Widen(values).contiguous().cpu().data<float>().ToArray();
}
