using SpeechML.Audio.Common;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Features;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Conformer;

/// <summary>w2v-BERT 2.0 (Seamless Communication 2023): conformer layers on a log-mel spectrogram.</summary>
internal sealed class W2vBertEncoder : SpeechEncoder
{
    private readonly W2vBertConfig _config;
    private readonly StackedLogMel _features;

    [ComponentName(Name = "feature_projection")]
    private readonly FeatureProjection _projection;

    [ComponentName(Name = "masked_spec_embed")]
    private readonly Parameter? _maskedEmbedding;

    [ComponentName(Name = "encoder")]
    private readonly LayerList _transformer;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    public W2vBertEncoder(W2vBertConfig config, EncoderSource source, int layers)
        : base(config.ModelType, layers, source)
    {
        _config = config;
        _features = new StackedLogMel(config.Mels, W2vBertConfig.Stacked);
        _projection = new FeatureProjection(config.Mels * W2vBertConfig.Stacked, config);
        _maskedEmbedding = config.HasMaskedEmbedding ? Weights.Empty(config.HiddenSize) : null;
        _transformer = new LayerList([.. Enumerable.Range(0, layers).Select(_ => new ConformerLayer(
            config, config.Sizes,
            new DistanceAttention(config.HiddenSize, config.Heads, config.AttentionDropout, config.MaxLeft,
                config.MaxRight),
            new CausalConvolution(config.HiddenSize, config.Sizes)))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    /// <inheritdoc/>
    internal override int InputHop => _config.Hop;

    internal IReadOnlyList<EncoderLayer> Layers => _transformer.Layers;

    /// <inheritdoc/>
    public override EncoderInput Prepare(IReadOnlyList<float[]> clips)
    {
        CheckClips(clips);
        using ModuleLifetime.Use use = BeginUse();
        long[] lengths = [.. clips.Select(clip => _config.FrameCount(clip.LongLength))];
        int frames = checked((int)lengths.Max());
        int size = checked(_features.Size * frames);
        float[] batch = new float[checked(clips.Count * size)];
        Parallel.For(0, clips.Count, clip =>
            _features.Compute(clips[clip], batch.AsSpan(clip * size, size), frames));
        return ToInput(batch, [clips.Count, _features.Size, frames], lengths, _projection.AnyWeight);
    }

    /// <inheritdoc/>
    public override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input) => Embed(input, null);

    /// <inheritdoc/>
    internal override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input, FeatureMasking? masks)
    {
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        Tensor projected = _projection.Run(input.Values.transpose(1, 2));
        if (masks is not null)
        {
            projected = FrameMasking.Mask(projected, input.Lengths, masks, _maskedEmbedding);
        }
        Tensor? valid = FrameMask.Valid(input.Lengths, projected.shape[1], projected.device);
        if (valid is not null)
        {
            projected = projected.masked_fill(valid.logical_not().unsqueeze(2), Scalars.Of(0));
        }
        return (TensorMath.Dropout(projected, _config.HiddenDropout, training).MoveToOuterDisposeScope(),
            input.Lengths);
    }

    /// <inheritdoc/>
    internal override void CheckMasking(SpecAugmentOptions options) => FrameMasking.Check(options, _maskedEmbedding);

    /// <inheritdoc/>
    public override EncodedFrames RunLayers(
        Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null, Tensor? prompt = null)
    {
        keep = LayerStack.Keep(first, BuiltLayers, keep);
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<int, Tensor> states = LayerStack.Run(Layers, hidden, first, keep, lengths, prompt);
        Tensor? last = states.TryGetValue(_config.LayerCount, out Tensor? final) ? final.alias() : null;
        return ToCallersScope(states, last, lengths);
    }

    /// <summary>What the checkpoints call <c>encoder</c>.</summary>
    private sealed class LayerList : nn.Module
    {
        [ComponentName(Name = "layers")]
        private readonly ModuleList<EncoderLayer> _layers;

        public LayerList(EncoderLayer[] layers)
            : base("encoder") => _layers = new ModuleList<EncoderLayer>(layers);

        public IReadOnlyList<EncoderLayer> Layers => [.. _layers];
    }
}
