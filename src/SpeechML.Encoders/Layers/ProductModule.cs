using SpeechML.Encoders.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// A product with a weight (and a bias) that is computed in float32, or in 16 bits where it is told so: what comes in
/// is rounded unless it has 16 bits already, and 16 bits come out. The weight itself stays as it is.
/// </summary>
internal abstract class ProductModule : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    private readonly RoundedCopy _roundedWeight = new();
    private readonly RoundedCopy _roundedBias = new();

    /// <param name="name">The module's name.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">The bias, or none.</param>
    /// <param name="packs">Whether products without gradient have the weight in oneDNN's order.</param>
    protected ProductModule(string name, Parameter weight, Parameter? bias, bool packs = false)
        : base(name)
    {
        _weight = weight;
        _bias = bias;
        Packed = packs ? new PackedWeight(weight) : null;
    }

    /// <summary>The weight, outputs first; plain from now on (<see cref="PackedWeight.Take"/>).</summary>
    public Parameter Weight
    {
        get
        {
            Packed?.Take(forProduct: true);
            return _weight;
        }
    }

    /// <summary>The weight for its shape, type and device alone: its values may not be there.</summary>
    public Parameter WeightForm => _weight;

    /// <summary>The weight in oneDNN's order; <see langword="null"/> for what is never packed.</summary>
    public PackedWeight? Packed { get; }

    /// <summary>The type of 16 bits that it is computed in; <see langword="null"/> for that of the weight.</summary>
    public ScalarType? Rounding { get; private set; }

    /// <summary>What is added to the product, (outputs); <see langword="null"/> for nothing.</summary>
    public Parameter? Bias => _bias;

    /// <summary>Sets the arithmetic. No call may be in flight.</summary>
    /// <param name="rounding">See <see cref="Rounding"/>.</param>
    /// <param name="keepAll">Whether rounded copies are kept of weights that learn, too: no step comes before the next
    /// call of this.</param>
    public void Use(ScalarType? rounding, bool keepAll)
    {
        Rounding = rounding;
        Packed?.Use(!keepAll && _weight.requires_grad, rounding is not null);
        Keep(_roundedWeight, _weight);
        Keep(_roundedBias, _bias);
        if (rounding is not null)
        {
            Packed?.LetPagesGo();
        }

        void Keep(RoundedCopy copy, Parameter? of)
        {
            copy.Dispose();
            if (rounding is { } type && of is not null && (keepAll || !of.requires_grad))
            {
                copy.Make(of, type);
            }
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
    {
        Packed?.Take();
        return base.named_parameters(recurse);
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters(bool recurse = true)
    {
        Packed?.Take();
        return base.parameters(recurse);
    }

    /// <inheritdoc/>
    public override Dictionary<string, Tensor> state_dict(
        Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        Packed?.Take();
        return base.state_dict(destination, prefix);
    }

    /// <inheritdoc/>
    public override Parameter? get_parameter(string target)
    {
        Packed?.Take();
        return base.get_parameter(target);
    }

    /// <summary>What comes in, in the type that it is computed in: itself where it has that.</summary>
    public Tensor Take(Tensor input) => Reduced.As(input, Rounding ?? _weight.dtype);

    /// <summary>Whether nothing is cast.</summary>
    protected bool IsPlain(Tensor input) => Rounding is null && input.dtype == _weight.dtype;

    /// <summary>
    /// The product with the weight in oneDNN's order, of what <see cref="Take"/> gave, in the form of its rows.
    /// </summary>
    /// <returns><see langword="null"/> where that is not to be had or something needs a gradient.</returns>
    protected Tensor? PackedProduct(Tensor rows, bool bias, bool gelu)
    {
        if (Packed is null)
        {
            return null;
        }
        if (Rounding is not { } type)
        {
            return MatrixProducts.Packed(rows, Packed, _weight, bias ? _bias : null, gelu);
        }
        if (!Packed.IsLarge || !MatrixProducts.IsRounded(rows, type, _weight.shape[0])
            || MatrixProducts.NeedsGraph(rows, _weight, bias ? _bias : null))
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        return _roundedWeight.Run(rows.contiguous(), _weight, bias ? ProductBias : null, gelu)
            ?.MoveToOuterDisposeScope();
    }

    /// <summary>The weight as the product takes it.</summary>
    protected Tensor ProductWeight => Rounding is { } type ? _roundedWeight.Of(_weight, type) : Weight;

    /// <summary>The bias as the product takes it.</summary>
    protected Tensor? ProductBias =>
        Rounding is { } type && _bias is not null ? _roundedBias.Of(_bias, type) : _bias;

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        Packed?.Take();
        base._toEpilog(dtype, device, non_blocking);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Packed?.Dispose();
            _roundedWeight.Dispose();
            _roundedBias.Dispose();
        }
        base.Dispose(disposing);
    }
}
