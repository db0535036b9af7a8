using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Blocks;

/// <summary>A linear map of the last dimension, <c>y = x Wᵀ + b</c>: (…, inputs) to (…, outputs).</summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    public Projection(long inputs, long outputs, bool bias = true)
        : base(nameof(Projection))
    {
        _weight = Weights.Empty(outputs, inputs);
        _bias = bias ? Weights.Empty(outputs) : null;
    }

    /// <summary>(outputs, inputs).</summary>
    public Parameter Weight => _weight;

    public override Tensor forward(Tensor input) => nn.functional.linear(input, _weight, _bias);
}
