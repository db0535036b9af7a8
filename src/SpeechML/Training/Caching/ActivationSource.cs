using SpeechML.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training.Caching;

/// <summary>A cached value of one clip.</summary>
/// <param name="Values">The values, row after row.</param>
/// <param name="Length">Its valid frames where it has any, else 1.</param>
internal readonly record struct Activation(float[] Values, long Length);

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
    public int Width => point.Stage == CacheStage.Hidden
        ? network.Encoder.Config.HiddenSize : network.Pooling.OutputSize;

    /// <summary>The values of a batch of clips.</summary>
    public Activation[] Get(float[][] clips) =>
        shared is null ? Compute(clips) : shared.GetOrCompute(clips, () => Compute(clips));

    private Activation[] Compute(float[][] clips)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        (Tensor values, long[] lengths) = network.ComputeActivation(clips, point);
        return point.Stage != CacheStage.Hidden
            ? [.. clips.Select((_, i) => new Activation(Array(values[i]), 1))]
            : [.. lengths.Select((length, i) => new Activation(
                Array(values[i].narrow(
                    0, 0, Math.Min(values.shape[1], network.Encoder.AttendedFrames(length)))), length))];
    }

    private static float[] Array(Tensor values) => values.contiguous().cpu().data<float>().ToArray();
}
