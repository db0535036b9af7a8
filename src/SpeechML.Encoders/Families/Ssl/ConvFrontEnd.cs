using SpeechML.Encoders.Kernels;
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
    public Tensor AnyWeight => _layers[0].WeightForm;

    /// <summary>
    /// Values of the first convolution that are computed at a time, 32 MB in float32: memory does not grow with the
    /// clip. A quarter of it took 1.2 of the time of a clip of 10 s at once (two cores of a Zen 5), this 1.03.
    /// </summary>
    public static long ValuesAtOnce { get; set; } = 1 << 23;

    /// <summary>
    /// From waveforms (batch, samples) to (batch, channels, frames) and the valid frames of each clip. Frames behind
    /// the valid ones of a clip hold nothing of meaning.
    /// </summary>
    public (Tensor Frames, long[] Lengths) Run(Tensor waveforms, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        // Frame after frame as long as a layer can, then channel after channel.
        (int done, Tensor channels) = RunFrames(waveforms, lengths) ?? (0, waveforms.unsqueeze(1));
        for (int layer = done; layer < _layers.Count; layer++)
        {
            Tensor given = layer == done ? channels.contiguous() : channels;
            channels = _layers[layer].Run(given, After(lengths, layer + 1));
            given.Dispose();
        }
        return (channels.MoveToOuterDisposeScope(), After(lengths, _layers.Count));
    }

    /// <summary>As many layers as can, frame after frame; <see langword="null"/> where the first one cannot.</summary>
    private (int Layers, Tensor Channels)? RunFrames(Tensor waveforms, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_layers[0].First(waveforms, After(lengths, 1)) is not { } first)
        {
            return null;
        }
        (int layers, long atOnce) = (1, Math.Max(1, ValuesAtOnce / _config.ConvChannels[0]));
        long together = Math.Min(atOnce, After([waveforms.shape[1]], 1)[0]);
        for (; layers < _layers.Count && _layers[layers].CanRunNext(together); layers++)
        {
            atOnce = Math.Max(1, atOnce / _config.ConvStrides[layers]);
            together = _config.AfterLayer(layers, together);
        }
        long[] valid = After(lengths, layers);
        Tensor all = zeros(
            [valid.Length, After([waveforms.shape[1]], layers)[0], _config.ConvChannels[layers - 1]], first.Type,
            waveforms.device);
        for (int clip = 0; clip < valid.Length; clip++)
        {
            RunFrames(first, clip, layers, all[clip].narrow(0, 0, valid[clip]), atOnce);
        }
        return (layers, all.transpose(1, 2).MoveToOuterDisposeScope());
    }

    /// <summary>The frames of a clip, in parts of one size, of which the last two may overlap.</summary>
    private void RunFrames(FirstConvolution first, int clip, int layers, Tensor result, long atOnce)
    {
        long frames = result.shape[0], parts = (frames + atOnce - 1) / atOnce;
        for (long part = 0; part < parts; part++)
        {
            using DisposeScope scope = NewDisposeScope();
            long size = (frames + parts - 1) / parts, begin = Math.Min(part * size, frames - size);
            (long from, long count) = (begin, size);
            for (int layer = layers - 1; layer > 0; layer--)
            {
                from *= _config.ConvStrides[layer];
                count = ((count - 1) * _config.ConvStrides[layer]) + _config.ConvKernels[layer];
            }
            Tensor values = first.Run(clip, from, count);
            for (int layer = 1; layer < layers; layer++)
            {
                Tensor given = values;
                values = _layers[layer].Next(given) ?? _layers[layer].Run(
                    given.transpose(1, 2).contiguous(), [given.shape[1]]).transpose(1, 2);
                given.Dispose();
            }
            result.narrow(0, begin, size).copy_(values[0]);
        }
    }

    /// <summary>Lengths after so many layers.</summary>
    private long[] After(long[] lengths, int layers) => Enumerable.Range(0, layers).Aggregate(
        lengths, (before, layer) => Array.ConvertAll(before, length => _config.AfterLayer(layer, length)));
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

    /// <summary>The weight for its type and device.</summary>
    public Tensor WeightForm => _convolution.WeightForm;

    public TimeConvolution Convolution => _convolution;

    /// <summary>
    /// The layer over samples (batch, samples), frame after frame; <see langword="null"/> where that is not to be had.
    /// </summary>
    public FirstConvolution? First(Tensor waveforms, long[] lengths) => _norm is null
        ? _convolution.FirstFrames(waveforms) : _norm.First(waveforms, _convolution, lengths);

    /// <summary>Whether <see cref="Next"/> is to be had of so many frames that need no gradient.</summary>
    public bool CanRunNext(long frames) =>
        _norm is null ? _convolution.CanRunFrames(frames) : _norm.CanRunNext(frames, _convolution);

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
        return (_norm is null ? TensorMath.Gelu(output) : _norm.NormalizeGelu(output, lengths))
            .MoveToOuterDisposeScope();
    }
}
