using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Layers;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
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

    /// <param name="encoder">The encoder.</param>
    /// <param name="layers">The hidden states in use, resolved for this encoder.</param>
    /// <param name="mix">How they are combined.</param>
    /// <param name="pooling">How frames become one vector.</param>
    /// <param name="head">The head, or <see langword="null"/> for none.</param>
    /// <param name="prompt">Learned vectors before the frames, or <see langword="null"/> for none.</param>
    /// <param name="frameHead">Layers of the head over frames, or <see langword="null"/> for none.</param>
    public SpeechNetwork(SpeechEncoder encoder, LayerSelection layers, LayerMix mix, FramePooling pooling,
        LinearHead? head, SoftPrompt? prompt = null, FrameTransformer? frameHead = null)
        : base(nameof(SpeechNetwork))
    {
        Encoder = encoder;
        Layers = layers;
        Mix = mix;
        Pooling = pooling;
        Head = head;
        Prompt = prompt;
        FrameHead = frameHead;
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
    public bool PoolsBeforeMixing => Mix.Learns && Pooling is MeanPooling && FrameHead is null;

    /// <summary>Clips to outputs (batch, targets), or pooled vectors (batch, size) without a head.</summary>
    public Tensor FromAudio(IReadOnlyList<float[]> clips)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor hidden, long[] lengths) = Encoder.Embed(Encoder.Prepare(clips));
        return FromHidden(hidden, lengths, 0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// As <see cref="FromAudio"/>, from hidden state <paramref name="first"/> (batch, frames, hidden) on.
    /// </summary>
    public Tensor FromHidden(Tensor hidden, long[] lengths, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pooled = PoolFrom(hidden, lengths, first);
        return (Head is null ? pooled : Head.forward(pooled)).MoveToOuterDisposeScope();
    }

    /// <summary>The pooled vectors (batch, size) of hidden state <paramref name="first"/>.</summary>
    public Tensor PoolFrom(Tensor hidden, long[] lengths, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor frames, long[] valid) = FramesFrom(hidden, lengths, first);
        return Pooling.Pool(frames, valid).MoveToOuterDisposeScope();
    }

    /// <summary>The frames that are pooled (batch, frames, size), with the number of valid ones per clip.</summary>
    public (Tensor Frames, long[] Lengths) FramesFrom(Tensor hidden, long[] lengths, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        EncodedFrames encoded = RunLayers(hidden, lengths, first);
        return (Combine(Selected(encoded), encoded.Lengths).MoveToOuterDisposeScope(), encoded.Lengths);
    }

    /// <summary>
    /// From the hidden states in use, ascending, to outputs (batch, targets), or pooled vectors without a head.
    /// </summary>
    public Tensor FromStates(IReadOnlyList<Tensor> states, long[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pooled = Pooling.Pool(Combine(states, lengths), lengths);
        return (Head is null ? pooled : Head.forward(pooled)).MoveToOuterDisposeScope();
    }

    /// <summary>Pooled vectors of every layer in use (batch, layers, size), before they are combined.</summary>
    public Tensor PoolLayersFrom(Tensor hidden, long[] lengths, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        EncodedFrames encoded = RunLayers(hidden, lengths, first);
        return stack([.. Selected(encoded).Select(state => Pooling.Pool(state, encoded.Lengths))], 1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>From pooled vectors of every layer (batch, layers, size) to outputs.</summary>
    public Tensor FromPooledLayers(Tensor pooled)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mixed = Mix.Mix([.. Enumerable.Range(0, (int)pooled.shape[1]).Select(i => pooled.select(1, i))]);
        return (Head is null ? mixed : Head.forward(mixed)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Puts what trains into training mode, and all else (normalisation statistics, dropout in frozen layers) into
    /// evaluation mode.
    /// </summary>
    public void TrainUnfrozen()
    {
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

    private Tensor Combine(IReadOnlyList<Tensor> states, long[] lengths)
    {
        Tensor frames = Mix.Mix(states);
        return FrameHead is null ? frames : FrameHead.Run(frames, FrameMask.Keys(lengths, frames));
    }

    private EncodedFrames RunLayers(Tensor hidden, long[] lengths, int first) =>
        Encoder.RunLayers(hidden, lengths, first, _keep, Prompt?.Embedding);

    private Tensor[] Selected(EncodedFrames encoded) =>
        Layers.Last ? [encoded.LastHiddenState!] : [.. Layers.Numbers.Select(n => encoded.HiddenStates[n])];
}
