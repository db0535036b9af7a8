using SpeechML.Audio.Common;
using SpeechML.Data.Recordings;
using SpeechML.Model;
using SpeechML.Model.Extras;
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
            return shared is null ? Compute(network, batch, null, frames)
                : shared.GetOrCompute(batch, () => Compute(network, batch, null, frames));
        }).Select(p => p.Result.Values);

    /// <summary>The same of clips with extra features, which nothing is kept of.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="clips">Samples and extra features of each clip.</param>
    /// <param name="device">Where the network is.</param>
    public static IEnumerable<float[]> Run(
        SpeechNetwork network, IEnumerable<(float[] Samples, float[]? Extras)> clips, Device device) =>
        BatchPlan.Run(clips, c => c.Samples, Budget(device, network.Encoder.Config), batch =>
        {
            using ModuleLifetime.Use use = network.BeginUse();
            return Compute(network, [.. batch.Select(c => c.Samples)],
                network.Extra is null ? null : [.. batch.Select(c => c.Extras ?? [])], frames: false);
        }).Select(p => p.Result.Values);

    private static Activation[] Compute(SpeechNetwork network, float[][] clips, float[][]? extras, bool frames)
    {
        int[] fitting = [.. Enumerable.Range(0, clips.Length).Where(i => !network.LongAudio.IsCut(clips[i].Length))];
        if (fitting.Length == clips.Length)
        {
            return ComputeTogether(network, clips, extras, frames);
        }
        var results = new Queue<Activation>(fitting.Length == 0 ? [] : ComputeTogether(network,
            [.. fitting.Select(i => clips[i])], extras is null ? null : [.. fitting.Select(i => extras[i])], frames));
        return [.. clips.Select((c, i) => network.LongAudio.IsCut(c.Length)
            ? ComputeLong(network, c, extras?[i], frames) : results.Dequeue())];
    }

    private static Activation ComputeLong(SpeechNetwork network, float[] clip, float[]? extras, bool frames)
    {
        IEnumerable<WindowBatch> windows = RecordingEncoder.Windows(network, clip);
        return frames
            ? new Activation(RecordingEncoder.Frames(network, windows),
                network.LongAudio.Cut(clip.Length).Sum(w => w.Frames))
            : new Activation(RecordingEncoder.Outputs(network, windows, extras), 1);
    }

    private static Activation[] ComputeTogether(
        SpeechNetwork network, float[][] clips, float[][]? extras, bool frames)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Batch batch = Batch.Of(clips);
        if (extras is not null)
        {
            batch = batch with { Extras = ExtraInput.Rows(extras, network.Device) };
        }
        (Tensor output, long[]? lengths) = frames ? network.Frames(batch) : (network.Forward(batch), null);
        output = output.cpu();
        return [.. clips.Select((_, i) => new Activation(
            (lengths is null ? output[i] : output[i].narrow(0, 0, lengths[i])).contiguous().data<float>().ToArray(),
            lengths?[i] ?? 1))];
    }
}
