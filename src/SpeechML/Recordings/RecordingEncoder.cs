using SpeechML.Data.Recordings;
using SpeechML.EncodeSpeech;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Model.Extras;
using SpeechML.Model.Pooling;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Recordings;

/// <summary>
/// Runs a network over the windows of one long clip, a few at a time: memory does not grow with the clip, but for what
/// is asked for frame by frame. Nothing is learned here.
/// </summary>
internal static class RecordingEncoder
{
    /// <summary>The windows of a clip in batches, at the level that the encoder's input has.</summary>
    /// <param name="network">The network.</param>
    /// <param name="samples">The whole clip, which is long.</param>
    public static IEnumerable<WindowBatch> Windows(SpeechNetwork network, float[] samples) => Windows(
        network, samples, network.LongAudio.Cut(samples.Length), network.Encoder.LevelOf(samples),
        network.Watch?.Begin() ?? ((_, _) => { }));

    /// <summary>Some windows of a clip in batches.</summary>
    /// <param name="network">The network.</param>
    /// <param name="samples">The whole clip, which is long.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="level">The level that they are brought to.</param>
    /// <param name="report">Told how many of them are done.</param>
    public static IEnumerable<WindowBatch> Windows(
        SpeechNetwork network, float[] samples, AudioWindow[] windows, (double Mean, double Scale)? level,
        Action<int, int> report)
    {
        EncoderConfig config = network.Encoder.Config;
        LongAudioLimits limits = network.LongAudio;
        // Half a batch of clips: the whole recording is in memory beside it.
        long budget = EncodingBatches.Budget(network.Device, config) / 2;
        int together = (int)Math.Clamp(budget / limits.Window, 1, BatchPlan.MaxBatch);
        int done = 0;
        float[][] clips = [];
        foreach (AudioWindow[] chunk in windows.Chunk(together))
        {
            report(done, windows.Length);
            // Filled anew for each batch, which is done with when the next is asked for: garbage of an hour's samples
            // would not be collected in time.
            clips = [.. chunk.Select((w, i) => i < clips.Length && clips[i].Length == w.Length ? clips[i]
                : new float[w.Length])];
            for (int i = 0; i < chunk.Length; i++)
            {
                samples.AsSpan(chunk[i].Start, chunk[i].Length).CopyTo(clips[i]);
            }
            if (level is { } measured)
            {
                foreach (float[] clip in clips)
                {
                    WaveformNormalizer.Apply(clip, clip, measured.Mean, measured.Scale);
                }
            }
            yield return new WindowBatch(Batch.Of(clips) with { IsLevelled = level is not null }, chunk);
            done += chunk.Length;
        }
        report(done, windows.Length);
    }

    /// <summary>The pooled vector of all windows; that of each hidden state where asked for.</summary>
    /// <param name="network">The network, which pools windows together.</param>
    /// <param name="batches">The windows.</param>
    /// <param name="layers">Whether the hidden states in use are pooled one by one.</param>
    /// <returns>The vectors, one after the other.</returns>
    public static float[] Pool(SpeechNetwork network, IEnumerable<WindowBatch> batches, bool layers = false)
    {
        RunningPooling[] running =
            [.. Enumerable.Range(0, layers ? network.Layers.Count : 1).Select(_ => network.Pooling.BeginRunning())];
        Each(network, batches, layers, (states, at, window) =>
        {
            for (int i = 0; i < states.Length; i++)
            {
                running[i].Add(states[i][at].narrow(0, window.From, window.Frames));
            }
        });
        return [.. running.SelectMany(r => r.Result())];
    }

    /// <summary>All frames of a clip, row after row.</summary>
    public static float[] Frames(SpeechNetwork network, IEnumerable<WindowBatch> batches)
    {
        var frames = new List<float[]>();
        Each(network, batches, layers: false, (states, at, window) =>
            frames.Add(Values(states[0][at].narrow(0, window.From, window.Frames))));
        float[] all = new float[frames.Sum(f => f.LongLength)];
        int end = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            frames[i].CopyTo(all, end);
            end += frames[i].Length;
            frames[i] = []; // an hour's frames are hundreds of megabytes
        }
        return all;
    }

    /// <summary>The pooled vectors of each window by itself; those of each hidden state where asked for.</summary>
    public static Activation[] PoolEach(SpeechNetwork network, IEnumerable<WindowBatch> batches, bool layers)
    {
        var pooled = new List<Activation>();
        Each(network, batches, layers, (states, at, window) => pooled.Add(new Activation(
            [.. states.SelectMany(s => Values(network.Pooling.Pool(
                s[at].narrow(0, window.From, window.Frames).unsqueeze(0), [window.Frames])))], 1)));
        return [.. pooled];
    }

    /// <summary>What the network gives for the clip: outputs, or the pooled vector without a head.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batches">The windows, from samples, a hidden state or pooled vectors on.</param>
    /// <param name="extras">The extra features of the clip, where the network takes any.</param>
    public static float[] Outputs(
        SpeechNetwork network, IEnumerable<WindowBatch> batches, float[]? extras = null)
    {
        using IDisposable noGradients = no_grad();
        if (network.LongAudio.PoolsTogether)
        {
            using DisposeScope scope = NewDisposeScope();
            float[] pooled = Pool(network, batches);
            return network.Head is null ? pooled : Head(network, pooled, extras);
        }
        var outputs = new List<(float[], double)>();
        foreach (WindowBatch batch in batches)
        {
            using DisposeScope scope = NewDisposeScope();
            if (!batch.Clips.Start.IsBeforeLayers)
            {
                Tensor rows = network.Forward(extras is null ? batch.Clips : batch.Clips with
                {
                    Extras = ExtraInput.Rows([.. batch.Windows.Select(_ => extras)], network.Device),
                });
                outputs.AddRange(batch.Windows.Select((w, i) => (Values(rows[i]), (double)w.Frames)));
                continue;
            }
            Activation[] pooled = PoolEach(network, [batch], layers: false);
            outputs.AddRange(batch.Windows.Zip(pooled, (w, p) =>
                (network.Head is null ? p.Values : Head(network, p.Values, extras), (double)w.Frames)));
        }
        return WindowOutputs.Average(network.OutputForm, outputs);
    }

    /// <summary>What each window gives, of which <see cref="Join"/> makes <see cref="Outputs"/>.</summary>
    /// <param name="network">The network, with a head.</param>
    /// <param name="batches">The windows, from samples on.</param>
    /// <param name="extras">The extra features of the clip, where the network takes any.</param>
    public static WindowResult[] Results(
        SpeechNetwork network, IEnumerable<WindowBatch> batches, float[]? extras)
    {
        var results = new List<WindowResult>();
        Each(network, batches, layers: false, (states, at, window) =>
        {
            Tensor frames = states[0][at].narrow(0, window.From, window.Frames);
            RunningPooling pooled = network.Pooling.BeginRunning();
            pooled.Add(frames);
            results.Add(network.LongAudio.PoolsTogether ? new(window.Frames, pooled, [])
                : new(window.Frames, null, Head(network, pooled.Result(), extras)));
        });
        return [.. results];
    }

    /// <summary>What the network gives for the clip, from what its windows gave, in order.</summary>
    /// <inheritdoc cref="Results"/>
    public static float[] Join(SpeechNetwork network, IEnumerable<WindowResult> windows, float[]? extras)
    {
        if (!network.LongAudio.PoolsTogether)
        {
            return WindowOutputs.Average(
                network.OutputForm, [.. windows.Select(w => (w.Outputs, (double)w.Frames))]);
        }
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        RunningPooling all = network.Pooling.BeginRunning();
        foreach (WindowResult window in windows)
        {
            all.Join(window.Pooled!);
        }
        return Head(network, all.Result(), extras);
    }

    // Aligned: else the last bits depend on where the vector happens to lie.
    private static float[] Head(SpeechNetwork network, float[] pooled, float[]? extras) =>
        Values(network.RunHead(AlignedTensor.Of(pooled, 1, pooled.Length).to(network.Device),
            extras is null ? null : ExtraInput.Rows([extras], network.Device)));

    /// <summary>Calls for every window of every batch with its frames, or with those of each hidden state.</summary>
    private static void Each(
        SpeechNetwork network, IEnumerable<WindowBatch> batches, bool layers, Action<Tensor[], int, AudioWindow> take)
    {
        using IDisposable noGradients = no_grad();
        foreach (WindowBatch batch in batches)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor[] states = layers ? network.States(batch.Clips).States : [network.Frames(batch.Clips).Frames];
            for (int i = 0; i < batch.Windows.Count; i++)
            {
                take(states, i, batch.Windows[i]);
            }
        }
    }

    private static float[] Values(Tensor tensor) =>
        tensor.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
}
