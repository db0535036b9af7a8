using SpeechML.Benchmarks.Workers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>Hugging Face's graph on the same libtorch, as a plain loop over padded batches uses it.</summary>
internal static class GraphWork
{
    // A graph specialises in its first calls.
    private const int FirstCalls = 3;

    public static IWork Inference(string model, int clips, int seconds = 10) =>
        OneBatch(model, Input([.. Enumerable.Range(0, clips).Select(i => PeerAudio.Clip(i, seconds))]));

    /// <summary>Work in torch's own autocast to bfloat16, which holds for the thread from now on.</summary>
    public static IWork Autocast(Func<IWork> make)
    {
        TorchAutocast.UseBFloat16();
        return make();
    }

    /// <summary>An encoder of spectrograms, whose graph takes (batch, frames, values).</summary>
    public static IWork Spectrogram(string model) => OneBatch(model, OurWork.Features(model));

    public static IWork Whisper() => OneBatch("whisper-base", Mel([PeerAudio.Clip(0, 30)]));

    public static IWork WhisperShort()
    {
        Tensor input = Mel([.. Enumerable.Range(0, 8).Select(i => PeerAudio.Clip(i, 3))]);
        jit.ScriptModule<Tensor, Tensor> graph = Load("whisper-base-eval.pt", Mel([PeerAudio.Clip(0, 1)]));
        return new Work(() => Forward(graph, input), () => Values(graph, input.narrow(0, 0, 1)), graph, input);
    }

    public static IWork Folder()
    {
        string[] files = PeerAudio.Files(PeerCases.Clips);
        jit.ScriptModule<Tensor, Tensor> graph = Load("hubert-base-eval.pt", Input([PeerAudio.Clip(0, 1)]));
        float[][] Score(string[] chosen, int batchSize)
        {
            var results = new List<float[]>();
            foreach (string[] batch in chosen.Chunk(batchSize))
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGrad = no_grad();
                float[][] clips = [.. batch.Select(f => MLAudio.FromFile(f, 16_000).Samples.ToArray())];
                Tensor output = graph.forward(Input(clips));
                for (int i = 0; i < clips.Length; i++)
                {
                    long frames = Math.Max(1, output.shape[1] * clips[i].Length / clips.Max(c => c.Length));
                    results.Add(output[i].narrow(0, 0, frames).mean([0]).data<float>().ToArray());
                }
            }
            return [.. results];
        }
        return new Work(() => Score(files, 8), () => [.. Score(files[..3], 1).SelectMany(v => v)], graph);
    }

    public static IWork Load()
    {
        string file = PeerFiles.Unpacked("hubert-base-eval.pt");
        jit.ScriptModule? graph = null;
        return new Work(
            () =>
            {
                graph?.Dispose();
                graph = jit.load<Tensor, Tensor>(file);
            },
            () =>
            {
                using jit.ScriptModule<Tensor, Tensor> loaded = jit.load<Tensor, Tensor>(file);
                return Values(loaded, Input([PeerAudio.Clip(0, 1)]));
            });
    }

    /// <summary>A graph that has specialised.</summary>
    public static jit.ScriptModule<Tensor, Tensor> Load(string file, Tensor example)
    {
        jit.ScriptModule<Tensor, Tensor> graph = jit.load<Tensor, Tensor>(PeerFiles.Unpacked(file));
        graph.eval();
        for (int i = 0; i < FirstCalls; i++)
        {
            Forward(graph, example);
        }
        return graph;
    }

    /// <summary>(batch, samples), normalised, padded.</summary>
    public static Tensor Input(IReadOnlyList<float[]> clips)
    {
        (float[] values, long[] shape) = PeerAudio.Padded(clips);
        return tensor(values, shape);
    }

    private static Tensor Mel(IReadOnlyList<float[]> clips)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint("whisper-base"), layers: 0);
        return encoder.Prepare(clips).Values;
    }

    private static Work OneBatch(string model, Tensor input)
    {
        jit.ScriptModule<Tensor, Tensor> graph = Load($"{model}-eval.pt", input);
        return new Work(() => Forward(graph, input), () => Values(graph, input), graph, input);
    }

    private static void Forward(jit.ScriptModule<Tensor, Tensor> graph, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        _ = graph.forward(input);
    }

    private static float[] Values(jit.ScriptModule<Tensor, Tensor> graph, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return graph.forward(input).to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }
}
