using SpeechML.Benchmarks.Workers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>
/// Training Hugging Face's graph as a plain loop does: everything computed in each epoch, padded in file order, torch's
/// AdamW, clipped at 1.
/// </summary>
internal static class GraphTraining
{
    private const string Prefix = "model.";

    public static IWork FullStep()
    {
        jit.ScriptModule<Tensor, Tensor> graph = Load();
        return Trainer(graph, [.. Enumerable.Range(0, 4).Select(i => PeerAudio.Clip(i, 10))], 4, _ => true,
            () => Gradients(OurTraining.Compared));
    }

    public static IWork LastTwo() => Trainer(
        Load(),
        PeerAudio.Mixed(PeerCases.Clips, 2, 10),
        8,
        name => name.StartsWith("encoder.layers.10.", StringComparison.Ordinal)
        || name.StartsWith("encoder.layers.11.", StringComparison.Ordinal),
        () => Gradients(OurTraining.Compared[1..]));

    public static IWork HeadOnly() =>
        Trainer(Load(), PeerAudio.Mixed(PeerCases.Clips, 2, 10), 8, _ => false,
        () => Gradients(OurTraining.Compared[1..]));

    /// <summary>A loss whose gradient reaches everything below.</summary>
    public static Tensor Loss(Tensor last) => (last * last * linspace(0.5, 1.5, last.shape[2])).mean();

    private static jit.ScriptModule<Tensor, Tensor> Load()
    {
        jit.ScriptModule<Tensor, Tensor> graph = jit.load<Tensor, Tensor>(PeerFiles.Unpacked("hubert-base-train.pt"));
        graph.train();
        return graph;
    }

    /// <summary>One epoch over the clips as one run.</summary>
    private static Work Trainer(
        jit.ScriptModule<Tensor, Tensor> graph, float[][] clips, int batchSize, Func<string, bool> trains,
        Func<float[]> check)
    {
        (string Name, Parameter Parameter)[] all =
            [.. graph.named_parameters().Select(p => (p.name[Prefix.Length..], p.parameter))];
        foreach ((string name, Parameter parameter) in all)
        {
            parameter.requires_grad = trains(name);
        }
        var head = nn.Linear(768, 2);
        Parameter[] learned = [.. all.Where(p => trains(p.Name)).Select(p => p.Parameter), .. head.parameters()];
        optim.Optimizer optimizer = optim.AdamW(learned, lr: 1e-5, weight_decay: 0.01);
        int[][] batches = [.. Enumerable.Range(0, clips.Length).Chunk(batchSize)];
        void Epoch()
        {
            foreach (int[] batch in batches)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor input = GraphWork.Input([.. batch.Select(i => clips[i])]);
                Tensor logits = head.forward(graph.forward(input).mean([1]));
                Tensor loss = nn.functional.cross_entropy(logits, tensor([.. batch.Select(i => (long)(i % 2))]));
                optimizer.zero_grad();
                loss.backward();
                _ = nn.utils.clip_grad_norm_(learned, 1);
                optimizer.step();
            }
        }
        return new Work(Epoch, check, graph, head, optimizer);
    }

    private static float[] Gradients(string[] names)
    {
        using DisposeScope scope = NewDisposeScope();
        using jit.ScriptModule<Tensor, Tensor> graph =
            jit.load<Tensor, Tensor>(PeerFiles.Unpacked("hubert-base-train-nodrop.pt"));
        graph.train();
        Dictionary<string, Parameter> parameters = graph.named_parameters()
            .ToDictionary(p => p.name[Prefix.Length..], p => p.parameter);
        Loss(graph.forward(GraphWork.Input([PeerAudio.Clip(0, 2), PeerAudio.Clip(1, 2)]))).backward();
        return [.. names.SelectMany(name => parameters[name].grad!.data<float>().ToArray())];
    }
}
