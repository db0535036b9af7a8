using SpeechML.Model;
using SpeechML.Training.ActivationCache;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.EncodeSpeech;

/// <summary>
/// Runs clips through a network without gradient, in batches of like length, and gives the results back in order.
/// </summary>
internal static class EncodingBatches
{
    /// <summary>Batches' worth of audio that is read ahead to be sorted by length.</summary>
    internal const int BatchesPerWindow = 8;

    internal const int MaxBatch = 64;

    /// <summary>Clips read ahead at most, however short.</summary>
    private const int MaxWindow = 256;

    /// <summary>
    /// Greatest padded number of samples per batch: on a CPU small batches are already efficient, a GPU wants more.
    /// </summary>
    internal static long Budget(Device device, EncoderConfig config) =>
        config.SampleRate * (device.type == DeviceType.CPU ? 40L : 320L);

    /// <summary>One result per clip, in the order of the clips, which are read ahead by a bounded window.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="clips">Samples of each clip.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="frames">Give all valid frames (frames, size) row after row instead of the network's output.</param>
    /// <param name="shared">What was computed before; <see langword="null"/> where nothing is kept.</param>
    public static IEnumerable<float[]> Run(
        SpeechNetwork network, IEnumerable<float[]> clips, Device device, bool frames = false,
        SharedFrozenWork? shared = null)
    {
        long budget = Budget(device, network.Encoder.Config);
        var window = new List<float[]>();
        long samples = 0;
        foreach (float[] clip in clips)
        {
            window.Add(clip);
            samples += clip.Length;
            if (samples >= budget * BatchesPerWindow || window.Count == MaxWindow)
            {
                foreach (float[] result in RunWindow(network, window, budget, frames, shared))
                {
                    yield return result;
                }
                window.Clear();
                samples = 0;
            }
        }
        foreach (float[] result in RunWindow(network, window, budget, frames, shared))
        {
            yield return result;
        }
    }

    private static (Tensor Output, long[]? Lengths) Frames(SpeechNetwork network, float[][] clips)
    {
        (Tensor hidden, long[] lengths) = network.Encoder.Embed(network.Encoder.Prepare(clips));
        return network.FramesFrom(hidden, lengths, 0);
    }

    private static float[][] RunWindow(
        SpeechNetwork network, List<float[]> clips, long budget, bool frames, SharedFrozenWork? shared)
    {
        float[][] results = new float[clips.Count][];
        foreach (int[] batch in BatchPlan.Sorted([.. clips.Select(c => (long)c.Length)], budget, MaxBatch))
        {
            float[][] inputs = [.. batch.Select(i => clips[i])];
            (float[] Values, long Length)[] outputs = shared is null ? Compute(network, inputs, frames)
                : shared.GetOrCompute(inputs, () => Compute(network, inputs, frames));
            for (int i = 0; i < batch.Length; i++)
            {
                results[batch[i]] = outputs[i].Values;
            }
        }
        return results;
    }

    private static (float[] Values, long Length)[] Compute(SpeechNetwork network, float[][] clips, bool frames)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        (Tensor output, long[]? lengths) = frames ? Frames(network, clips) : (network.FromAudio(clips), null);
        output = output.cpu();
        return [.. clips.Select((_, i) =>
            ((lengths is null ? output[i] : output[i].narrow(0, 0, lengths[i])).contiguous().data<float>().ToArray(),
            lengths?[i] ?? 1))];
    }
}
