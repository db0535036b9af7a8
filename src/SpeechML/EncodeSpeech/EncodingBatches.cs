using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Recordings;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.EncodeSpeech;

/// <summary>
/// Runs clips through a network without gradient, in batches of like length, and gives the results back in order.
/// </summary>
internal static class EncodingBatches
{
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
        SharedActivationCache? shared = null) =>
        BatchPlan.Run(clips, c => c, Budget(device, network.Encoder.Config), batch =>
        {
            using ModuleLifetime.Use use = network.BeginUse();
            return shared is null ? Compute(network, batch, frames)
                : shared.GetOrCompute(batch, () => Compute(network, batch, frames));
        }).Select(p => p.Result.Values);

    private static Activation[] Compute(SpeechNetwork network, float[][] clips, bool frames)
    {
        float[][] fitting = [.. clips.Where(c => !network.LongAudio.IsCut(c.Length))];
        if (fitting.Length == clips.Length)
        {
            return ComputeTogether(network, clips, frames);
        }
        var results = new Queue<Activation>(fitting.Length == 0 ? [] : ComputeTogether(network, fitting, frames));
        return [.. clips.Select(c => network.LongAudio.IsCut(c.Length) ? ComputeLong(network, c, frames)
            : results.Dequeue())];
    }

    private static Activation ComputeLong(SpeechNetwork network, float[] clip, bool frames)
    {
        IEnumerable<WindowBatch> windows = RecordingEncoder.Windows(network, clip);
        return frames
            ? new Activation(RecordingEncoder.Frames(network, windows),
                network.LongAudio.Cut(clip.Length).Sum(w => w.Frames))
            : new Activation(RecordingEncoder.Outputs(network, windows), 1);
    }

    private static Activation[] ComputeTogether(SpeechNetwork network, float[][] clips, bool frames)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Batch batch = Batch.Of(clips);
        (Tensor output, long[]? lengths) = frames ? network.Frames(batch) : (network.Forward(batch), null);
        output = output.cpu();
        return [.. clips.Select((_, i) => new Activation(
            (lengths is null ? output[i] : output[i].narrow(0, 0, lengths[i])).contiguous().data<float>().ToArray(),
            lengths?[i] ?? 1))];
    }
}
