using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>The convolutions that turn a waveform into frames (Baevski et al. 2020, wav2vec 2.0, section 2).</summary>
internal sealed class ConvFrontEnd : nn.Module
{
    private readonly WaveformConfig _config;

    [ComponentName(Name = "conv_layers")]
    private readonly ModuleList<ConvLayer> _layers;

    public ConvFrontEnd(WaveformConfig config)
        : base("feature_extractor")
    {
        _config = config;
        _layers = new ModuleList<ConvLayer>(
            [.. Enumerable.Range(0, config.ConvChannels.Length).Select(layer => new ConvLayer(
            layer == 0 ? 1 : config.ConvChannels[layer - 1],
            config.ConvChannels[layer],
            config.ConvKernels[layer],
            config.ConvStrides[layer],
            config.ConvBias,
            config.GroupNorm ? (layer == 0 ? new ClipGroupNorm(config.ConvChannels[0]) : null)
            : new FrameLayerNorm(config.ConvChannels[layer])))]);
    }

    public IReadOnlyList<ConvLayer> Layers => [.. _layers];

    /// <summary>A weight, to know the device and type of the encoder by.</summary>
    public Tensor AnyWeight => _layers[0].Weight;

    /// <summary>
    /// From waveforms (batch, samples) to (batch, channels, frames) and the valid frames of each clip.
    /// </summary>
    public (Tensor Frames, long[] Lengths) Run(Tensor waveforms, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        lengths = [.. lengths.Select(length => _config.AfterLayer(0, length))];
        // Frame after frame as long as a layer can, then channel after channel.
        Tensor? frames = _layers[0].First(waveforms, lengths);
        Tensor? channels = frames is null ? _layers[0].Run(waveforms.unsqueeze(1), lengths) : null;
        for (int layer = 1; layer < _layers.Count; layer++)
        {
            lengths = [.. lengths.Select(length => _config.AfterLayer(layer, length))];
            (Tensor? fromFrames, Tensor? fromChannels) = (frames, channels);
            frames = fromFrames is null ? null : _layers[layer].Next(fromFrames);
            channels = frames is null
                ? _layers[layer].Run(fromChannels ?? fromFrames!.transpose(1, 2).contiguous(), lengths) : null;
            fromFrames?.Dispose();
            fromChannels?.Dispose();
        }
        return ((channels ?? frames!.transpose(1, 2)).MoveToOuterDisposeScope(), lengths);
    }
}

/// <summary>Convolution, norm where there is one, GELU.</summary>
internal sealed class ConvLayer : nn.Module
{
    [ComponentName(Name = "conv")]
    private readonly TimeConvolution _convolution;

    [ComponentName(Name = "layer_norm")]
    private readonly ChannelNorm? _norm;

    public ConvLayer(long inputs, long outputs, long kernel, long stride, bool bias, ChannelNorm? norm)
        : base(nameof(ConvLayer))
    {
        _convolution = new TimeConvolution(inputs, outputs, kernel, stride, padding: 0, bias);
        _norm = norm;
    }

    public Tensor Weight => _convolution.Weight;

    public TimeConvolution Convolution => _convolution;

    /// <summary>
    /// The layer over samples, frame after frame: (batch, samples) to (batch, frames, channels);
    /// <see langword="null"/> where that is not to be had.
    /// </summary>
    public Tensor? First(Tensor waveforms, long[] lengths) => _norm is null
        ? _convolution.FirstFrames(waveforms, gelu: true) : _norm.First(waveforms, _convolution, lengths);

    /// <summary>
    /// The layer over frames, (batch, frames, channels) to the same; <see langword="null"/> where that is not to be
    /// had.
    /// </summary>
    public Tensor? Next(Tensor frames) => _norm is null
        ? _convolution.Frames(frames, gelu: true) : _norm.Next(frames, _convolution);

    public Tensor Run(Tensor input, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor output = _convolution.forward(input);
        if (_norm is not null)
        {
            output = _norm.Normalize(output, lengths);
        }
        return TensorMath.Gelu(output).MoveToOuterDisposeScope();
    }
}
