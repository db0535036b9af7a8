using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>Layer normalisation of the last dimension, (…, size).</summary>
internal sealed class LayerNormalization : nn.Module<Tensor, Tensor>
{
    private readonly long[] _shape;
    private readonly double _epsilon;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public LayerNormalization(long size, double epsilon)
        : base(nameof(LayerNormalization))
    {
        _shape = [size];
        _epsilon = epsilon;
        _weight = Weights.Empty(size);
        _bias = Weights.Empty(size);
    }

    /// <summary>Computes in float32; on the CPU 16 bits come out where they came in.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.layer_norm(Reduced.ForNorm(input), _shape, _weight, _bias, _epsilon)
            .MoveToOuterDisposeScope();
    }
}
