using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>
/// Gradient checkpointing (Chen et al. 2016): of each transformer layer only the input is kept; in the backward pass
/// the layer is computed again. The gradients are those of the plain
/// backward pass. Done layer by layer outside autograd, so that it needs no custom autograd function.
/// </summary>
internal static class LayerRecomputation
{
    /// <summary>
    /// Runs the network on a batch, and adds the gradient of the summed loss to every parameter that trains.
    /// </summary>
    /// <param name="network">The network, in training mode, without a soft prompt.</param>
    /// <param name="batch">The clips, which begin before the encoder's layers.</param>
    /// <param name="masks">SpecAugment's masks; <see langword="null"/> for none.</param>
    /// <param name="seed">Seed of the layers' dropout; a layer that is computed again must drop the same.</param>
    /// <param name="loss">The loss of the outputs (batch, targets).</param>
    /// <param name="scale">What the loss is multiplied with for the backward pass.</param>
    /// <returns>The loss; its tensors carry no graph.</returns>
    public static LossParts Backward(
        SpeechNetwork network, Batch batch, FeatureMasking? masks, int seed, Func<Tensor, LossParts> loss,
        double scale = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor hidden, long[] lengths) = network.Begin(batch, masks);
        int first = batch.Start.Layer;
        int last = network.HighestLayer;
        Tensor[] inputs = new Tensor[last - first + 1];
        inputs[0] = hidden.detach();
        var tops = new Dictionary<int, Tensor>();
        using (no_grad())
        {
            AddTop(first, inputs[0]);
            for (int layer = first; layer < last; layer++)
            {
                (inputs[layer - first + 1], Tensor given) =
                    RunLayer(network, inputs[layer - first], lengths, layer, seed);
                AddTop(layer + 1, given);
            }
        }
        LossParts parts;
        using (Dropout(seed, "head"))
        {
            parts = loss(network.Finish(
                [.. tops.OrderBy(t => t.Key).Select(t => t.Value)], lengths, batch.Extras));
        }
        LossScale.Apply(parts.Sum, scale).backward();

        Tensor? gradient = null;
        for (int layer = last; layer >= first; layer--)
        {
            if (tops.TryGetValue(layer, out Tensor? top) && top.grad is { } own)
            {
                gradient = gradient is null ? own : gradient.add_(own, Scalars.Of(1));
            }
            if (gradient is null || layer == first)
            {
                continue;
            }
            using DisposeScope inner = NewDisposeScope();
            // The lowest input needs a gradient only where what made it trains.
            Tensor input = inputs[layer - 1 - first].detach().requires_grad_(
                layer - 1 > first || hidden.requires_grad || tops.ContainsKey(layer - 1));
            (_, Tensor output) = RunLayer(network, input, lengths, layer - 1, seed);
            if (output.requires_grad)
            {
                output.backward([gradient]);
            }
            gradient = input.grad?.MoveToOuterDisposeScope();
        }
        if (hidden.requires_grad && gradient is not null)
        {
            hidden.backward([gradient]);
        }
        return new LossParts(parts.Sum.detach().MoveToOuterDisposeScope(), parts.Weight.MoveToOuterDisposeScope());

        void AddTop(int number, Tensor state)
        {
            if (network.Uses(number))
            {
                tops.Add(number, state.detach().requires_grad_());
            }
        }
    }

    /// <summary>
    /// One layer: its output, and the same as the network uses it, which for the encoder's last layer is after the
    /// final layer norm.
    /// </summary>
    private static (Tensor Output, Tensor Given) RunLayer(
        SpeechNetwork network, Tensor input, long[] lengths, int layer, int seed)
    {
        using DropoutStream dropout = Dropout(seed, FormattableString.Invariant($"layer {layer}"));
        EncodedFrames encoded = network.Encoder.RunLayers(input, lengths, layer, new HashSet<int> { layer + 1 });
        Tensor output = encoded.HiddenStates[layer + 1];
        return (output, network.Layers.Last ? encoded.LastHiddenState ?? output : output);
    }

    private static DropoutStream Dropout(int seed, string part) => DropoutStream.Begin(SeedStream.Derive(seed, part));
}
