using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Spectrogram;

/// <summary>Makes tokens of a spectrogram: patches in a row, two learned ones before them, learned positions.</summary>
internal sealed class PatchEmbeddings : nn.Module
{
    [ComponentName(Name = "cls_token")]
    private readonly Parameter _class;

    [ComponentName(Name = "distillation_token")]
    private readonly Parameter _distillation;

    [ComponentName(Name = "position_embeddings")]
    private readonly Parameter _positions;

    [ComponentName(Name = "patch_embeddings")]
    private readonly PatchProjection _patches;

    private readonly double _dropout;

    public PatchEmbeddings(PatchConfig config)
        : base("embeddings")
    {
        _dropout = config.HiddenDropout;
        _class = Weights.Empty(1, 1, config.HiddenSize);
        _distillation = Weights.Empty(1, 1, config.HiddenSize);
        _positions = Weights.Empty(1, config.Tokens, config.HiddenSize);
        _patches = new PatchProjection(config);
    }

    /// <summary>A weight, to know the device and type of the encoder by.</summary>
    public Tensor AnyWeight => _class;

    /// <summary>(batch, mels, frames) to (batch, patches, hidden): all times of the lowest band first.</summary>
    public Tensor Project(Tensor input) => _patches.Run(input);

    /// <summary>(batch, mels, frames) to (batch, tokens, hidden).</summary>
    public Tensor Run(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = input.shape[0];
        Tensor tokens = cat([_class.expand(batch, -1, -1), _distillation.expand(batch, -1, -1), Project(input)], 1);
        return TensorMath.Dropout(tokens.Plus(_positions), _dropout, training).MoveToOuterDisposeScope();
    }

    private sealed class PatchProjection : nn.Module
    {
        [ComponentName(Name = "projection")]
        private readonly PatchConvolution _convolution;

        public PatchProjection(PatchConfig config)
            : base("patch_embeddings") => _convolution = new PatchConvolution(config);

        public Tensor Run(Tensor input) => _convolution.Run(input);
    }

    private sealed class PatchConvolution : nn.Module
    {
        private readonly long[] _strides;

        [ComponentName(Name = "weight")]
        private readonly Parameter _weight;

        [ComponentName(Name = "bias")]
        private readonly Parameter _bias;

        public PatchConvolution(PatchConfig config)
            : base("projection")
        {
            _strides = [config.BandStride, config.TimeStride];
            _weight = Weights.Empty(config.HiddenSize, 1, config.PatchSize, config.PatchSize);
            _bias = Weights.Empty(config.HiddenSize);
        }

        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            return nn.functional.conv2d(input.unsqueeze(1), _weight, _bias, strides: _strides).flatten(2)
                .transpose(1, 2).MoveToOuterDisposeScope();
        }
    }
}
