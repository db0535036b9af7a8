using SpeechML.Audio.Common;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>An encoder of a waveform: convolutions, a projection, a transformer.</summary>
/// <param name="config">The encoder's facts.</param>
/// <param name="source">Where the facts are from.</param>
/// <param name="layers">Layers to build.</param>
internal abstract class WaveformEncoder(WaveformConfig config, EncoderSource source, int layers)
    : SpeechEncoder(config.ModelType, layers, source), IConvolutionalEncoder
{
    private const string FrontEndName = "feature_extractor.";

    /// <inheritdoc/>
    public override EncoderConfig Config => config;

    /// <inheritdoc/>
    public int FrontEndChannels => (int)config.ConvChannels[^1];

    internal abstract ConvFrontEnd FrontEnd { get; }

    internal abstract IReadOnlyList<EncoderLayer> Layers { get; }

    /// <summary>
    /// SpecAugment's stand-in for masked frames: in the checkpoint, not used in evaluation.
    /// </summary>
    protected abstract Parameter? MaskedEmbedding { get; }

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
            return ToInput(clips[0], [1, longest], [longest], FrontEnd.AnyWeight);
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
        return ToInput(batch, [clips.Count, longest], [.. clips.Select(clip => clip.LongLength)], FrontEnd.AnyWeight);
    }

    /// <inheritdoc/>
    public override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input) => Embed(input, null);

    /// <inheritdoc/>
    internal override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input, FeatureMasking? masks)
    {
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        (Tensor frames, long[] lengths) = FrontEnd.Run(input.Values, input.Lengths);
        return (Embed(frames, frees: true, lengths, masks).MoveToOuterDisposeScope(), lengths);
    }

    /// <inheritdoc/>
    public bool IsOfFrontEnd(string name) => name.StartsWith(FrontEndName, StringComparison.Ordinal);

    /// <inheritdoc/>
    public (Tensor Frames, long[] Lengths) RunFrontEnd(EncoderInput input)
    {
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        (Tensor frames, long[] lengths) = FrontEnd.Run(input.Values, input.Lengths);
        return (frames.transpose(1, 2).MoveToOuterDisposeScope(), lengths);
    }

    /// <inheritdoc/>
    public Tensor EmbedFrontEnd(Tensor frames, long[] lengths, FeatureMasking? masks)
    {
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        return Embed(frames.transpose(1, 2), frees: false, lengths, masks).MoveToOuterDisposeScope();
    }

    private Tensor Embed(Tensor frames, bool frees, long[] lengths, FeatureMasking? masks)
    {
        Tensor projected = Project(frames);
        if (frees)
        {
            frames.Dispose();
        }
        if (masks is not null)
        {
            projected = FrameMasking.Mask(projected, lengths, masks, MaskedEmbedding);
        }
        Tensor? padded = FrameMask.Valid(lengths, projected.shape[1], projected.device)?.logical_not().unsqueeze(2);
        if (padded is not null)
        {
            projected = projected.masked_fill(padded, Scalars.Of(0));
        }
        return EmbedFrames(projected, padded);
    }

    /// <inheritdoc/>
    internal override void CheckMasking(SpecAugmentOptions options) => FrameMasking.Check(options, MaskedEmbedding);

    /// <inheritdoc/>
    public override EncodedFrames RunLayers(
        Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null, Tensor? prompt = null)
    {
        keep = LayerStack.Keep(first, BuiltLayers, keep);
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        long[] attended = [.. lengths.Select(AttendedFrames)];
        Dictionary<int, Tensor> states = LayerStack.Run(Layers, hidden, first, keep, attended, prompt);
        Tensor? last = states.TryGetValue(config.LayerCount, out Tensor? final) ? Finish(final, lengths) : null;
        return ToCallersScope(states, last, lengths);
    }

    /// <summary>From the front end's (batch, channels, frames) to (batch, frames, hidden).</summary>
    internal abstract Tensor Project(Tensor frames);

    /// <summary>From projected frames, padded ones being 0, to the input of the first layer.</summary>
    /// <param name="projected">(batch, frames, hidden).</param>
    /// <param name="padded">True on padded frames, (batch, frames, 1); <see langword="null"/> where there are
    /// none.</param>
    protected abstract Tensor EmbedFrames(Tensor projected, Tensor? padded);

    /// <summary>From the last layer's output to <c>last_hidden_state</c>.</summary>
    protected abstract Tensor Finish(Tensor hidden, long[] lengths);
}
