using SpeechML.Audio.Common;
using SpeechML.Data.Recordings;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Model.Extras;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.Recordings;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>
/// Encoder (with a soft prompt), the hidden states in use, their combination, layers over frames, pooling over valid
/// frames, head. Without a head it gives the pooled vector.
/// </summary>
internal sealed class SpeechNetwork : nn.Module
{
    /// <summary>What the names of the encoder's parameters begin with.</summary>
    public const string EncoderPrefix = "encoder.";

    private readonly HashSet<int> _keep;
    private readonly ModuleLifetime _lifetime;

    /// <param name="encoder">The encoder.</param>
    /// <param name="layers">The hidden states in use, resolved for this encoder.</param>
    /// <param name="mix">How they are combined.</param>
    /// <param name="pooling">How frames become one vector.</param>
    /// <param name="head">The head, or <see langword="null"/> for none.</param>
    /// <param name="prompt">Learned vectors before the frames, or <see langword="null"/> for none.</param>
    /// <param name="frameHead">Layers of the head over frames, or <see langword="null"/> for none.</param>
    /// <param name="extra">What joins the pooled vector before the head, or <see langword="null"/> for nothing.</param>
    public SpeechNetwork(SpeechEncoder encoder, LayerSelection layers, LayerMix mix, FramePooling pooling,
        LinearHead? head, SoftPrompt? prompt = null, FrameTransformer? frameHead = null, ExtraInput? extra = null)
        : base(nameof(SpeechNetwork))
    {
        _lifetime = new ModuleLifetime(
            "speech model",
            "A PredictionEngine disposes its model: create it with new PredictionEngineOptions " +
            "{ OwnsTransformer = false }.",
            () => base.Dispose(disposing: true));
        Encoder = encoder;
        Layers = layers;
        Mix = mix;
        Pooling = pooling;
        Head = head;
        Prompt = prompt;
        FrameHead = frameHead;
        Extra = extra;
        LongAudio = LongAudioLimits.Of(null, encoder.Config);
        _keep = layers.Last ? [encoder.Config.LayerCount] : [.. layers.Numbers];
        register_module("encoder", encoder);
        if (prompt is not null)
        {
            register_module("prompt", prompt);
        }
        register_module("mix", mix);
        if (frameHead is not null)
        {
            register_module("frame_head", frameHead);
        }
        register_module("pooling", pooling);
        if (extra is not null)
        {
            register_module("extra", extra);
        }
        if (head is not null)
        {
            register_module("head", head);
        }
    }

    public SpeechEncoder Encoder { get; }

    public LayerSelection Layers { get; }

    public LayerMix Mix { get; }

    public FramePooling Pooling { get; }

    public LinearHead? Head { get; }

    /// <summary>Learned vectors before the frames of every clip.</summary>
    public SoftPrompt? Prompt { get; }

    /// <summary>Layers of the head over frames.</summary>
    public FrameTransformer? FrameHead { get; }

    /// <summary>What joins the pooled vector before the head.</summary>
    public ExtraInput? Extra { get; }

    /// <summary>What is done with long clips.</summary>
    public LongAudioLimits LongAudio { get; init; }

    /// <summary>Whether the silence that the encoder is given behind a short clip is pooled too.</summary>
    public bool PoolsSilence { get; init; }

    /// <summary>Whether the tokens before the frames are pooled instead of these.</summary>
    public bool PoolsTokens { get; init; }

    /// <summary>What the outputs say.</summary>
    public OutputForm OutputForm { get; set; }

    /// <summary>What is called between the windows of a long clip.</summary>
    public RecordingWatch? Watch { get; set; }

    /// <summary>Where the weights are.</summary>
    public Device Device => Encoder.WeightDevice;

    /// <summary>Number of the lowest hidden state in use.</summary>
    public int LowestLayer => _keep.Min();

    /// <summary>Number of the highest hidden state in use.</summary>
    public int HighestLayer => _keep.Max();

    /// <summary>Whether a hidden state is in use.</summary>
    public bool Uses(int number) => _keep.Contains(number);

    /// <summary>
    /// Whether layers can be pooled one by one before they are combined: the mean over frames of a sum is the sum of
    /// means.
    /// </summary>
    public bool PoolsBeforeMixing => Mix.Learns && Pooling.CanPoolBeforeMixing && FrameHead is null;

    /// <summary>
    /// From where the batch begins to outputs (batch, targets), or to pooled vectors (batch, size) without a head.
    /// </summary>
    /// <param name="batch">The clips.</param>
    /// <param name="masks">SpecAugment's masks, in training steps; only for a batch that begins with samples or
    /// the frames of convolutions.</param>
    public Tensor Forward(Batch batch, FeatureMasking? masks = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pooled = batch.Start.Stage switch
        {
            CacheStage.Pooled => batch.Values!,
            CacheStage.PooledLayers => Mix.Mix([.. batch.Values!.unbind(1)]),
            _ => PooledBatch(batch, masks),
        };
        return (Head is null ? pooled.alias() : RunHead(pooled, batch.Extras)).MoveToOuterDisposeScope();
    }

    /// <summary>The frames that are pooled (batch, frames, size), with the number of valid ones per clip.</summary>
    /// <param name="batch">The clips, which begin before the encoder's layers.</param>
    /// <param name="masks">SpecAugment's masks.</param>
    public (Tensor Frames, long[] Lengths) Frames(Batch batch, FeatureMasking? masks = null)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor[] states, long[] lengths) = States(batch, masks);
        return (Combine(states, lengths).MoveToOuterDisposeScope(), lengths);
    }

    /// <summary>The hidden states in use, ascending, each (batch, frames, hidden).</summary>
    /// <inheritdoc cref="Frames"/>
    public (Tensor[] States, long[] Lengths) States(Batch batch, FeatureMasking? masks = null)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor hidden, long[] lengths) = Begin(batch, masks);
        (Tensor[] states, long[] valid) = Selected(RunLayers(hidden, lengths, batch.Start.Layer));
        return ([.. states.Select(s => s.MoveToOuterDisposeScope())], valid);
    }

    /// <summary>
    /// The first hidden state of a batch (batch, frames, hidden) with its valid frames; its number is the layer of
    /// <see cref="Batch.Start"/>.
    /// </summary>
    /// <inheritdoc cref="Frames"/>
    public (Tensor Hidden, long[] Lengths) Begin(Batch batch, FeatureMasking? masks) => batch.Start.Stage switch
    {
        CacheStage.Hidden => (batch.Values!.alias(), batch.Lengths),
        CacheStage.FrontEnd =>
            (((IConvolutionalEncoder)Encoder).EmbedFrontEnd(batch.Values!, batch.Lengths, masks), batch.Lengths),
        _ => Encoder.Embed(Input(batch), masks),
    };

    /// <summary>
    /// From the encoder's hidden states in use, ascending, to outputs (batch, targets), or pooled vectors without a
    /// head.
    /// </summary>
    /// <param name="states">The hidden states.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="extras">The extra features of each clip, where the network takes any.</param>
    public Tensor Finish(IReadOnlyList<Tensor> states, long[] lengths, Tensor? extras)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor[] frames, long[] valid) = FramesOf(states, lengths);
        Tensor pooled = PooledStates(frames, valid);
        return (Head is null ? pooled : RunHead(pooled, extras)).MoveToOuterDisposeScope();
    }

    /// <summary>Outputs (batch, targets) of pooled vectors and, where the network takes any, extra features.</summary>
    public Tensor RunHead(Tensor pooled, Tensor? extras)
    {
        if (Extra is null)
        {
            return Head!.forward(pooled);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = Extra.Run(extras ?? throw new InvalidOperationException(
            $"Speech model: expected {Extra.Size} extra features of each clip beside the audio, got none."));
        return Head!.forward(cat([pooled, joined.to(pooled.dtype)], 1)).MoveToOuterDisposeScope();
    }

    /// <summary>What a cache keeps of clips: their values (batch, ...) at a point, with their valid frames.</summary>
    /// <param name="clips">The clips, from their samples on.</param>
    /// <param name="point">The point; not <see cref="CacheStage.Samples"/>.</param>
    public (Tensor Values, long[] Lengths) ComputeActivation(Batch clips, CachePoint point)
    {
        using DisposeScope scope = NewDisposeScope();
        if (point.Stage == CacheStage.FrontEnd)
        {
            (Tensor frames, long[] valid) = ((IConvolutionalEncoder)Encoder).RunFrontEnd(Input(clips));
            return (frames.MoveToOuterDisposeScope(), valid);
        }
        (Tensor hidden, long[] lengths) = Begin(clips, masks: null);
        Tensor values;
        if (point.Stage == CacheStage.PooledLayers)
        {
            (Tensor[] states, long[] valid) = Selected(RunLayers(hidden, lengths, 0));
            values = stack([.. states.Select(state => Pooling.Pool(state, valid))], 1);
        }
        else if (point.Stage == CacheStage.Pooled)
        {
            (Tensor[] states, long[] valid) = Selected(RunLayers(hidden, lengths, 0));
            values = PooledStates(states, valid);
        }
        else
        {
            values = point.Layer == 0 ? hidden
                : Encoder.RunLayers(hidden, lengths, 0, new HashSet<int> { point.Layer }).HiddenStates[point.Layer];
        }
        return (values.MoveToOuterDisposeScope(), lengths);
    }

    /// <summary>
    /// Puts what trains into training mode, and all else (normalisation statistics, dropout in frozen layers) into
    /// evaluation mode.
    /// </summary>
    public void TrainUnfrozen()
    {
        using WeightAccess access = WeightAccess.Begin();
        train();
        foreach (nn.Module module in modules())
        {
            TorchSharp.Modules.Parameter[] parameters = [.. module.parameters(recurse: true)];
            if (parameters.Length > 0 && Array.TrueForAll(parameters, p => !p.requires_grad))
            {
                module.eval();
            }
        }
    }

    /// <summary>Begins a call, until whose end the weights stay even where another thread disposes.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public ModuleLifetime.Use BeginUse() => _lifetime.Begin();

    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public void ThrowIfDisposed() => _lifetime.ThrowIfDisposed();

    /// <exception cref="ObjectDisposedException">The model was disposed: there are no weights.</exception>
    public override Dictionary<string, Tensor> state_dict(
        Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        _lifetime.ThrowIfFreed();
        return base.state_dict(destination, prefix);
    }

    /// <summary>Frees the weights, as soon as no call is in flight.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lifetime.Dispose();
        }
        else
        {
            base.Dispose(disposing: false);
        }
    }

    private EncoderInput Input(Batch clips) => clips.Input ?? Encoder.Prepare(clips.Clips, clips.IsLevelled);

    private Tensor PooledBatch(Batch batch, FeatureMasking? masks)
    {
        (Tensor hidden, long[] lengths) = Begin(batch, masks);
        (Tensor[] states, long[] valid) = Selected(RunLayers(hidden, lengths, batch.Start.Layer));
        return PooledStates(states, valid);
    }

    /// <summary>
    /// The pooled vector of hidden states. Where dimensions are pooled by themselves, joined states are not joined
    /// frame by frame, which takes many times the memory.
    /// </summary>
    private Tensor PooledStates(IReadOnlyList<Tensor> states, long[] lengths)
    {
        int parts = Pooling.PartsPerDimension;
        if (parts == 0 || Mix.Width == 1 || FrameHead is not null)
        {
            return Pooling.Pool(Combine(states, lengths), lengths);
        }
        Tensor[][] pooled = [.. states.Select(s => Pooling.Pool(s, lengths).chunk(parts, 1))];
        return cat([.. Enumerable.Range(0, parts).SelectMany(p => pooled.Select(s => s[p]))], 1);
    }

    private Tensor Combine(IReadOnlyList<Tensor> states, long[] lengths)
    {
        Tensor frames = Mix.Mix(states);
        return FrameHead is null ? frames : FrameHead.Run(frames, FrameMask.Keys(lengths, frames));
    }

    /// <summary>
    /// The frames of the encoder's hidden states in use, which all have the same, in float32 as what comes after the
    /// encoder, and how many of each clip are pooled.
    /// </summary>
    private (Tensor[] Frames, long[] Lengths) FramesOf(IReadOnlyList<Tensor> states, long[] lengths)
    {
        if (PoolsTokens)
        {
            int tokens = Encoder.ClassTokens;
            return ([.. states.Select(s => Reduced.Widen(s).narrow(1, 0, tokens))],
                [.. lengths.Select(_ => (long)tokens)]);
        }
        (Tensor Frames, long[] Lengths)[] all =
            [.. states.Select(s => Encoder.FramesOf(Reduced.Widen(s), lengths, Layers.Last))];
        long[] valid = all.Length == 0 ? lengths : all[0].Lengths;
        return ([.. all.Select(f => f.Frames)], PoolsSilence ? [.. valid.Select(Encoder.AttendedFrames)] : valid);
    }

    private EncodedFrames RunLayers(Tensor hidden, long[] lengths, int first) =>
        Encoder.RunLayers(hidden, lengths, first, _keep, Prompt?.Embedding);

    private (Tensor[] States, long[] Lengths) Selected(EncodedFrames encoded) => FramesOf(
        Layers.Last ? [encoded.LastHiddenState!] : [.. Layers.Numbers.Select(n => encoded.HiddenStates[n])],
        encoded.Lengths);
}
