using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>The weight of the positional convolution, however it is parametrised.</summary>
internal abstract class PositionalKernel : nn.Module
{
    protected PositionalKernel(long channels)
        : base("conv")
    {
        Bias = Weights.Empty(channels);
    }

    [field: ComponentName(Name = "bias")]
    public Parameter Bias { get; private set; }

    /// <summary>(channels, channels per group, kernel).</summary>
    public abstract Tensor Weight();

    /// <summary>The same, row after row.</summary>
    public float[] Values()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        return Weight().cpu().contiguous().data<float>().ToArray();
    }
}

/// <summary>The weight as it is stored.</summary>
internal sealed class PlainKernel : PositionalKernel
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public PlainKernel(long channels, long groups, long kernel)
        : base(channels)
    {
        _weight = Weights.Empty(channels, channels / groups, kernel);
    }

    public override Tensor Weight() => _weight.alias();
}

/// <summary>
/// Weight norm over the kernel dimension (Salimans and Kingma 2016): <c>g · v / ‖v‖</c>, one g for each tap.
/// </summary>
internal sealed class WeightNormKernel : PositionalKernel
{
    [ComponentName(Name = "parametrizations")]
    private readonly Parametrizations _parametrizations;

    public WeightNormKernel(long channels, long groups, long kernel)
        : base(channels)
    {
        _parametrizations = new Parametrizations(channels, channels / groups, kernel);
    }

    public override Tensor Weight()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor direction = _parametrizations.Weight.Direction;
        Tensor norm = direction.Squared().sum([0, 1], keepdim: true).sqrt();
        return direction.mul(_parametrizations.Weight.Gain / norm).MoveToOuterDisposeScope();
    }

    // Two levels of modules, because checkpoints name the parameters `parametrizations.weight.original0` and
    // `.original1`.
    private sealed class Parametrizations : nn.Module
    {
        [ComponentName(Name = "weight")]
        private readonly WeightParts _weight;

        public Parametrizations(long outputs, long inputs, long kernel)
            : base("parametrizations")
        {
            _weight = new WeightParts(outputs, inputs, kernel);
        }

        public WeightParts Weight => _weight;
    }

    private sealed class WeightParts : nn.Module
    {
        [ComponentName(Name = "original0")]
        private readonly Parameter _gain;

        [ComponentName(Name = "original1")]
        private readonly Parameter _direction;

        public WeightParts(long outputs, long inputs, long kernel)
            : base("weight")
        {
            _gain = Weights.Empty(1, 1, kernel);
            _direction = Weights.Empty(outputs, inputs, kernel);
        }

        public Parameter Gain => _gain;

        public Parameter Direction => _direction;
    }
}
