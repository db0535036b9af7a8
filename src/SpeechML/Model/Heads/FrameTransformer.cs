using SpeechML.Audio.Options;
using SpeechML.Encoders.Native;
using SpeechML.Encoders.Layers;
using SpeechML.Model.Pooling;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Heads;

/// <summary>
/// Transformer layers of the head's own over the frames, before they are pooled: (batch, frames, size) to the same.
/// Pre-norm layers (Xiong et al. 2020) and a final layer norm;
/// attention within the valid frames. Weights are PyTorch's default initialisation from a generator of their own.
/// </summary>
internal sealed class FrameTransformer : nn.Module
{
    [ComponentName(Name = "layers")]
    private readonly ModuleList<Layer> _layers;

    [ComponentName(Name = "norm")]
    private readonly LayerNorm _norm;

    /// <param name="size">Size of a frame's vector.</param>
    /// <param name="options">Layers, attention heads, width.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    /// <exception cref="ArgumentException">The attention heads do not divide the size.</exception>
    public FrameTransformer(int size, HeadOptions options, long seed)
        : base(nameof(FrameTransformer))
    {
        Check(size, options);
        using var generator = new Generator((ulong)seed);
        _layers = new ModuleList<Layer>(
            [.. Enumerable.Range(0, options.FrameLayers).Select(_ => new Layer(size, options, generator))]);
        _norm = nn.LayerNorm(size, device: Weights.Device);
        RegisterComponents();
    }

    /// <summary>Refuses attention heads that do not divide the size of a frame's vector.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static void Check(int size, HeadOptions options) =>
        OptionChecks.Check(size % options.FrameAttentionHeads == 0, "Head.FrameAttentionHeads",
            $"a divisor of {size}, the size of a frame's vector", options.FrameAttentionHeads);

    /// <summary>Runs the layers.</summary>
    /// <param name="frames">(batch, frames, size).</param>
    /// <param name="keyMask">Added to the attention scores, (batch, 1, 1, frames): -∞ on padding;
    /// <see langword="null"/> where there is none.</param>
    public Tensor Run(Tensor frames, Tensor? keyMask)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = frames;
        foreach (Layer layer in _layers)
        {
            current = layer.Run(current, keyMask);
        }
        return _norm.forward(current).MoveToOuterDisposeScope();
    }

    private sealed class Layer : nn.Module
    {
        [ComponentName(Name = "attention_norm")]
        private readonly LayerNorm _attentionNorm;

        [ComponentName(Name = "q_proj")]
        private readonly Linear _query;

        [ComponentName(Name = "k_proj")]
        private readonly Linear _key;

        [ComponentName(Name = "v_proj")]
        private readonly Linear _value;

        [ComponentName(Name = "out_proj")]
        private readonly Linear _output;

        [ComponentName(Name = "feed_forward_norm")]
        private readonly LayerNorm _feedForwardNorm;

        [ComponentName(Name = "fc1")]
        private readonly Linear _first;

        [ComponentName(Name = "fc2")]
        private readonly Linear _second;

        private readonly int _heads;
        private readonly double _dropout;

        public Layer(int size, HeadOptions options, Generator generator)
            : base("layer")
        {
            // The width of the feed-forward part in the original transformer (Vaswani et al. 2017).
            const int Expansion = 4;
            _heads = options.FrameAttentionHeads;
            _dropout = options.Dropout;
            _attentionNorm = nn.LayerNorm(size, device: Weights.Device);
            _query = SeededLinear.Create(size, size, generator);
            _key = SeededLinear.Create(size, size, generator);
            _value = SeededLinear.Create(size, size, generator);
            _output = SeededLinear.Create(size, size, generator);
            _feedForwardNorm = nn.LayerNorm(size, device: Weights.Device);
            _first = SeededLinear.Create(size, size * Expansion, generator);
            _second = SeededLinear.Create(size * Expansion, size, generator);
            RegisterComponents();
        }

        public Tensor Run(Tensor frames, Tensor? keyMask)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor attended = frames.Plus(Dropped(Attend(_attentionNorm.forward(frames), keyMask)));
            Tensor fed = _second.forward(nn.functional.gelu(_first.forward(_feedForwardNorm.forward(attended))));
            return attended.Plus(Dropped(fed)).MoveToOuterDisposeScope();
        }

        private Tensor Attend(Tensor x, Tensor? keyMask)
        {
            Tensor context = nn.functional.scaled_dot_product_attention(PerHead(_query.forward(x)),
                PerHead(_key.forward(x)), PerHead(_value.forward(x)), keyMask);
            return _output.forward(context.transpose(1, 2).reshape(x.shape));
        }

        private Tensor PerHead(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, x.shape[2] / _heads).transpose(1, 2);

        private Tensor Dropped(Tensor x) => TensorMath.ElementDropout(x, _dropout, training);
    }
}
