using SpeechML.Encoders.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// A linear map of the last dimension, <c>y = x Wᵀ + b</c>: (…, inputs) to (…, outputs), as it is or changed by an
/// adapter.
/// </summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    private ProjectionAdapter? _adapter;

    public Projection(long inputs, long outputs, bool bias = true)
        : base(nameof(Projection))
    {
        _weight = Weights.Empty(outputs, inputs);
        _bias = bias ? Weights.Empty(outputs) : null;
    }

    /// <summary>(outputs, inputs).</summary>
    public Parameter Weight => _weight;

    /// <summary>(outputs).</summary>
    public Parameter? Bias => _bias;

    public ProjectionAdapter? Adapter => _adapter;

    public override Tensor forward(Tensor input) =>
        _adapter is null ? MatrixProducts.Linear(input, _weight, _bias) : _adapter.Run(input, _weight, _bias);

    /// <summary>The map followed by the exact (erf) GELU.</summary>
    public Tensor ForwardGelu(Tensor input)
    {
        if (_adapter is null)
        {
            return MatrixProducts.LinearGelu(input, _weight, _bias);
        }
        using DisposeScope scope = NewDisposeScope();
        return TensorMath.Gelu(forward(input)).MoveToOuterDisposeScope();
    }

    /// <summary>Gives the map an adapter, whose parameters become the module's.</summary>
    public void Attach(ProjectionAdapter adapter)
    {
        register_module(adapter.GetName(), adapter);
        _adapter = adapter;
    }

    /// <summary>Takes the adapter away and disposes it.</summary>
    public void Detach()
    {
        if (_adapter is { } adapter)
        {
            // TorchSharp's way to take a module out: register nothing under its name.
            register_module(adapter.GetName(), null!);
            _adapter = null;
            adapter.Dispose();
        }
    }
}
