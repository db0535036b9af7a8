using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>
/// Reduces (batch, frames, hidden) to (batch, <see cref="OutputSize"/>) over the valid frames of each clip; gradient on
/// padding is exactly 0.
/// </summary>
internal abstract class FramePooling : nn.Module
{
    /// <summary>Creates the base.</summary>
    protected FramePooling(string name, int outputSize)
        : base(name)
    {
        OutputSize = outputSize;
    }

    /// <summary>Size of the pooled vector.</summary>
    public int OutputSize { get; }

    /// <summary>Whether it has weights that training changes.</summary>
    public bool IsLearned => parameters().Any();

    /// <summary>
    /// Whether pooling each of several layers and then adding them gives what pooling their sum gives, as the mean
    /// does; then the pooled layers can be cached. <see langword="false"/> unless overridden.
    /// </summary>
    public virtual bool CanPoolBeforeMixing => false;

    /// <summary>Whether <see cref="Attention"/> gives weights. <see langword="false"/> unless overridden.</summary>
    public virtual bool HasAttention => false;

    /// <summary>Makes a pooling for frames of <paramref name="hidden"/> dimensions.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="seed">Seed of the learned parts' initialisation.</param>
    public static FramePooling Create(SpeechPooling kind, int hidden, long seed) => kind switch
    {
        SpeechPooling.Mean => new MeanPooling(hidden),
        SpeechPooling.Max => new ExtremePooling(hidden, largest: true),
        SpeechPooling.Min => new ExtremePooling(hidden, largest: false),
        SpeechPooling.MeanStd => new MeanStdPooling(hidden),
        SpeechPooling.Attention => new AttentionPooling(hidden, tanh: false, seed),
        SpeechPooling.AttentionTanh => new AttentionPooling(hidden, tanh: true, seed),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind,
        $"Pooling expected one of {string.Join(", ", Enum.GetNames<SpeechPooling>())}, got {kind}."),
    };

    /// <summary>Pools a batch.</summary>
    /// <param name="hidden">(batch, frames, hidden); what stands in frames from a clip's length on does not matter, not
    /// even NaN.</param>
    /// <param name="lengths">Valid frames of each clip, at least 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the frames.</exception>
    public Tensor Pool(Tensor hidden, long[] lengths)
    {
        Check(hidden, lengths);
        using DisposeScope scope = NewDisposeScope();
        Tensor count = tensor(lengths, device: hidden.device).unsqueeze(1);
        Tensor padding = (Scalars.Range(hidden.shape[1], hidden.device) >= count).unsqueeze(2);
        return Pool(hidden, padding, count.to(hidden.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The share of each frame in the pooled vector (batch, frames), 0 on padding: what the model listened to.
    /// </summary>
    /// <inheritdoc cref="Pool(Tensor, long[])" path="/param"/>
    /// <exception cref="NotSupportedException">It has none; see <see cref="HasAttention"/>.</exception>
    public virtual Tensor Attention(Tensor hidden, long[] lengths) =>
        throw new NotSupportedException($"Pooling: expected one that weighs frames, got {GetType().Name}.");

    /// <summary>The computation itself, inside a dispose scope.</summary>
    /// <param name="hidden">(batch, frames, hidden).</param>
    /// <param name="padding">(batch, frames, 1), true on frames that do not count.</param>
    /// <param name="count">(batch, 1), valid frames.</param>
    protected abstract Tensor Pool(Tensor hidden, Tensor padding, Tensor count);

    private static void Check(Tensor hidden, long[] lengths)
    {
        if (hidden.dim() != 3 || hidden.shape[0] != lengths.Length)
        {
            throw new ArgumentException(
                $"Pooling expected (batch, frames, hidden) with one length per clip, got " +
                $"({string.Join(", ", hidden.shape)}) and {lengths.Length} lengths.");
        }
        int wrong = Array.FindIndex(lengths, n => n < 1 || n > hidden.shape[1]);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                $"Pooling expected 1 to {hidden.shape[1]} valid frames for each clip, got {lengths[wrong]} for clip " +
                $"{wrong} of the batch.");
        }
    }
}
