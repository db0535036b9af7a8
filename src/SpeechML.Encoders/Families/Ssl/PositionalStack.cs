using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// data2vec's positions: grouped convolutions one after the other, each with a layer norm without weights and GELU.
/// </summary>
internal sealed class PositionalStack : PositionalEmbedding
{
    [ComponentName(Name = "layers")]
    private readonly ModuleList<PositionalLayer> _layers;

    public PositionalStack(Data2VecConfig config) => _layers = new ModuleList<PositionalLayer>(
        [.. Enumerable.Range(0, config.PositionalLayers).Select(_ => new PositionalLayer(config))]);

    /// <summary>The layers, each (batch, channels, frames) to the same shape.</summary>
    public IReadOnlyList<PositionalLayer> Layers => [.. _layers];

    /// <inheritdoc/>
    public override Tensor Run(Tensor hidden, Tensor? padded)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? behind = padded?.transpose(1, 2);
        Tensor channels = Reduced.Widen(hidden.transpose(1, 2));
        for (int layer = 0; layer < _layers.Count; layer++)
        {
            if (behind is not null && layer > 0)
            {
                // A clip alone ends here, and the next convolution pads it with zeros.
                channels = channels.masked_fill(behind, Scalars.Of(0));
            }
            channels = _layers[layer].Run(channels);
        }
        return channels.transpose(1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>One convolution of the stack.</summary>
internal sealed class PositionalLayer : nn.Module
{
    private readonly int _groups;
    private readonly int _size;

    [ComponentName(Name = "conv")]
    private readonly PlainKernel _kernel;

    public PositionalLayer(WaveformConfig config)
        : base(nameof(PositionalLayer))
    {
        _groups = config.PositionalGroups;
        _size = config.PositionalKernel;
        _kernel = new PlainKernel(config.HiddenSize, _groups, _size);
    }

    /// <summary>(batch, channels, frames) to the same shape.</summary>
    public Tensor Run(Tensor channels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor convolved = nn.functional.conv1d(
            channels, _kernel.Weight(), _kernel.Bias, padding: _size / 2, groups: _groups);
        Tensor frames = convolved.narrow(2, 0, channels.shape[2]).transpose(1, 2);
        Tensor normed = nn.functional.layer_norm(frames, [frames.shape[2]], eps: WaveformConfig.FixedEpsilon);
        return TensorMath.Gelu(normed).transpose(1, 2).MoveToOuterDisposeScope();
    }
}
