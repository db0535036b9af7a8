using SpeechML.Encoders.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// A linear map of the last dimension, <c>y = x Wᵀ + b</c>: (…, inputs) to (…, outputs), as it is or changed by an
/// adapter.
/// </summary>
internal sealed class Projection : ProductModule
{
    private ProjectionAdapter? _adapter;

    public Projection(long inputs, long outputs, bool bias = true)
        : base(nameof(Projection), Weights.Empty(outputs, inputs), bias ? Weights.Empty(outputs) : null,
        packs: true)
    {
    }

    public ProjectionAdapter? Adapter => _adapter;

    public override Tensor forward(Tensor input)
    {
        if (IsPlain(input))
        {
            return _adapter is null ? Float32(input, Bias) : _adapter.Run(input, this);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor given = Take(input);
        return Take(_adapter is null ? Plain(given) : _adapter.Run(given, this)).MoveToOuterDisposeScope();
    }

    /// <summary>Whether something needs a gradient through the map in float32.</summary>
    public bool NeedsGraph(Tensor input) => is_grad_enabled() && IsPlain(input)
        && (input.requires_grad || WeightForm.requires_grad || Bias is { requires_grad: true } || _adapter is not null);

    /// <summary>Whether its input may be made again in the backward pass: float32, nothing but the product reads it.
    /// </summary>
    public bool CanRemake => Rounding is null && _adapter is null && TensorMemory.IsFloat32OnCpu(WeightForm);

    /// <summary>The map of an input that may be made again, where <see cref="CanRemake"/>.</summary>
    /// <param name="input">float32.</param>
    /// <param name="from">How; <see langword="null"/> where it is kept.</param>
    public Tensor Forward(Tensor input, Remade? from) => Float32(input, Bias, from);

    /// <summary>The map without its adapter.</summary>
    /// <param name="input">What <see cref="ProductModule.Take"/> gave.</param>
    /// <param name="bias">Whether the bias is added.</param>
    public Tensor Plain(Tensor input, bool bias = true)
    {
        if (Rounding is null)
        {
            return Float32(input, bias ? Bias : null);
        }
        using DisposeScope scope = NewDisposeScope();
        return (PackedProduct(input, bias, gelu: false)
            ?? MatrixProducts.Linear(input, ProductWeight, bias ? ProductBias : null)).MoveToOuterDisposeScope();
    }

    /// <summary>The map followed by the exact (erf) GELU.</summary>
    public Tensor ForwardGelu(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_adapter is not null)
        {
            return TensorMath.Gelu(forward(input)).MoveToOuterDisposeScope();
        }
        Tensor given = Take(input);
        return (PackedProduct(given, bias: true, gelu: true) ?? PlainGelu(given)).MoveToOuterDisposeScope();
    }

    private Tensor Float32(Tensor input, Tensor? bias, Remade? from = null)
    {
        if (PackedProduct(input, bias is not null, gelu: false) is { } output)
        {
            return output;
        }
        using PackedWeight.PlainProduct product = Packed!.BeginPlain();
        return MatrixProducts.Linear(input, WeightForm, bias, from);
    }

    private Tensor PlainGelu(Tensor input)
    {
        if (Rounding is not null)
        {
            return MatrixProducts.LinearGelu(input, ProductWeight, ProductBias);
        }
        using PackedWeight.PlainProduct product = Packed!.BeginPlain();
        return MatrixProducts.LinearGelu(input, WeightForm, Bias);
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
