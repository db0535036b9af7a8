using SpeechML.Encoders.Layers;
using SpeechML.Model.Pooling;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Heads;

/// <summary>One stack of a head: hidden layers, then the output layer.</summary>
internal sealed class Stack : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "layers")]
    private readonly ModuleList<Linear> _layers = [];
    [ComponentName(Name = "norms")]
    private readonly ModuleList<LayerNorm> _norms = [];
    /// <summary>PyTorch's epsilon of a layer norm.</summary>
    public const double DefaultEpsilon = 1e-5;

    private readonly HeadActivation _activation;
    private readonly double _dropout;

    /// <summary>Creates the stack, drawing its weights from <paramref name="generator"/>.</summary>
    public Stack(int inputSize, int outputs, HeadOptions options, Generator generator, double normEpsilon)
        : base(nameof(Stack))
    {
        _activation = options.Activation;
        _dropout = options.Dropout;
        int width = options.BottleneckSize == 0 ? inputSize : options.BottleneckSize, size = inputSize;
        for (int k = 0; k < options.HiddenLayers; k++)
        {
            _layers.Add(SeededLinear.Create(size, width, generator));
            size = width;
        }
        _layers.Add(SeededLinear.Create(size, outputs, generator));
        for (int k = 0; options.LayerNorm && k < Math.Max(1, options.HiddenLayers); k++)
        {
            _norms.Add(nn.LayerNorm(size, normEpsilon, device: Weights.Device));
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        int hidden = _layers.Count - 1;
        Tensor x = hidden == 0 ? Dropped(Normed(input, 0)) : input;
        for (int k = 0; k < hidden; k++)
        {
            x = Dropped(Activated(Normed(_layers[k].forward(x), k)));
        }
        return _layers[hidden].forward(x);
    }

    /// <summary>Sets the output layer.</summary>
    /// <param name="weight">(inputs, outputs).</param>
    /// <param name="bias">(outputs).</param>
    public void SetOutput(Tensor weight, Tensor bias)
    {
        Linear output = _layers[_layers.Count - 1];
        _ = output.weight.copy_(weight.t());
        _ = output.bias!.copy_(bias);
    }

    private Tensor Normed(Tensor x, int k) => _norms.Count == 0 ? x : _norms[k].forward(x);

    private Tensor Dropped(Tensor x) => TensorMath.ElementDropout(x, _dropout, training);

    private Tensor Activated(Tensor x) => _activation switch
    {
        HeadActivation.Relu => x.relu(),
        HeadActivation.Gelu => nn.functional.gelu(x),
        HeadActivation.Tanh => x.tanh(),
        HeadActivation.Sigmoid => x.sigmoid(),
        HeadActivation.Identity => x,
        _ => throw new InvalidOperationException($"Unknown activation {_activation}."),
    };
}
