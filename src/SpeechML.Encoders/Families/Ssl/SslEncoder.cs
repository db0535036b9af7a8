using SpeechML.Audio.Options;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// HuBERT (Hsu et al. 2021), WavLM (Chen et al. 2022) or wav2vec 2.0 (Baevski et al. 2020); they differ in their config
/// and their attention.
/// </summary>
internal sealed class SslEncoder : SpeechEncoder
{
    private readonly SslConfig _config;

    [ComponentName(Name = "feature_extractor")]
    private readonly ConvFrontEnd _frontEnd;

    [ComponentName(Name = "feature_projection")]
    private readonly FeatureProjection _projection;

    // SpecAugment's stand-in for masked frames: in the checkpoint, not used in evaluation.
    [ComponentName(Name = "masked_spec_embed")]
    private readonly Parameter? _maskedEmbedding;

    [ComponentName(Name = "encoder")]
    private readonly SslTransformer _transformer;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    /// <param name="attention">Makes the attention of a layer.</param>
    public SslEncoder(SslConfig config, EncoderSource source, int layers, Func<int, SelfAttention> attention)
        : base(config.ModelType, layers, source)
    {
        _config = config;
        _frontEnd = new ConvFrontEnd(config);
        _projection = new FeatureProjection(config);
        _maskedEmbedding = config.HasMaskedEmbedding ? Weights.Empty(config.HiddenSize) : null;
        _transformer = new SslTransformer(config, layers, attention);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    internal ConvFrontEnd FrontEnd => _frontEnd;

    internal FeatureProjection FeatureProjection => _projection;

    internal SslTransformer Transformer => _transformer;

    /// <inheritdoc/>
    public override EncoderInput Prepare(IReadOnlyList<float[]> clips) => Prepare(clips, levelled: false);

    /// <inheritdoc/>
    internal override (double Mean, double Scale)? LevelOf(ReadOnlySpan<float> samples) =>
        Features.Normalize ? WaveformNormalizer.Measure(samples) : null;

    /// <inheritdoc/>
    internal override EncoderInput Prepare(IReadOnlyList<float[]> clips, bool levelled)
    {
        CheckClips(clips);
        using ModuleLifetime.Use use = BeginUse();
        long longest = clips.Max(clip => clip.LongLength);
        bool normalize = Features.Normalize && !levelled;
        if (clips.Count == 1 && !normalize)
        {
            return ToInput(clips[0], [1, longest], [longest], _frontEnd.AnyWeight);
        }
        float[] batch = new float[clips.Count * longest];
        Parallel.For(0, clips.Count, clip =>
        {
            Span<float> row = batch.AsSpan(checked((int)(clip * longest)), clips[clip].Length);
            if (normalize)
            {
                WaveformNormalizer.Normalize(clips[clip], row);
            }
            else
            {
                clips[clip].CopyTo(row);
            }
        });
        return ToInput(batch, [clips.Count, longest], [.. clips.Select(clip => clip.LongLength)], _frontEnd.AnyWeight);
    }

    /// <inheritdoc/>
    public override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input) => Embed(input, null);

    /// <inheritdoc/>
    internal override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input, FeatureMasking? masks)
    {
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        (Tensor frames, long[] lengths) = _frontEnd.Run(input.Values, input.Lengths);
        Tensor projected = _projection.Run(frames);
        frames.Dispose();
        if (masks is not null)
        {
            projected = Mask(projected, lengths, masks);
        }
        Tensor? padded = FrameMask.Valid(lengths, projected.shape[1], projected.device)?.logical_not().unsqueeze(2);
        if (padded is not null)
        {
            projected = projected.masked_fill(padded, Scalars.Of(0));
        }
        return (_transformer.Embed(projected, padded).MoveToOuterDisposeScope(), lengths);
    }

    /// <inheritdoc/>
    internal override void CheckMasking(SpecAugmentOptions options) => OptionChecks.Check(
        options.TimeProbability == 0 || _maskedEmbedding is not null,
        "SpecAugment.TimeProbability",
        "0, because the encoder's config.json has no masking (mask_time_prob and mask_feature_prob are 0), so that " +
        "it has no vector for masked frames",
        options.TimeProbability);

    /// <summary>
    /// SpecAugment as <c>_mask_hidden_states</c> of Hugging Face's transformers: frames become the learned vector, then
    /// features 0.
    /// </summary>
    private Tensor Mask(Tensor projected, long[] lengths, FeatureMasking masking)
    {
        Tensor? frames = masking.Frames(lengths, projected.shape[1], projected.device);
        if (frames is not null)
        {
            projected = where(frames.unsqueeze(2), Reduced.As(_maskedEmbedding!, projected.dtype), projected);
        }
        Tensor? features = masking.Features(lengths.Length, projected.shape[2], projected.device);
        return features is null ? projected : projected.masked_fill(features.unsqueeze(1), Scalars.Of(0));
    }

    /// <inheritdoc/>
    public override EncodedFrames RunLayers(
        Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null, Tensor? prompt = null)
    {
        keep = LayerStack.Keep(first, BuiltLayers, keep);
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<int, Tensor> states = LayerStack.Run(_transformer.Layers, hidden, first, keep, lengths, prompt);
        Tensor? last = states.TryGetValue(_config.LayerCount, out Tensor? final) ? _transformer.Finish(final) : null;
        return ToCallersScope(states, last, lengths);
    }
}
