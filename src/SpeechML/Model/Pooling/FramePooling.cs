using SpeechML.Encoders.Native;
using SpeechML.Model.Pooling;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML;

/// <summary>
/// Reduces (batch, frames, hidden) to (batch, <see cref="OutputSize"/>) over the valid frames of each clip. Padding may
/// hold NaN: it is masked with <c>masked_fill</c>, never by a product, so that its gradient is exactly 0.
/// <see cref="SpeechPooling.Register"/> gives a class of this kind a name that options can choose.
/// </summary>
/// <remarks>
/// Weights to learn are registered as in every module (<c>RegisterComponents</c>) and drawn from a generator with the
/// seed that <see cref="PoolingFactory"/> gets. They are in the model zip by their names, and train at
/// <see cref="SpeechTrainingOptions.HeadLearningRate"/>.
/// </remarks>
public abstract class FramePooling : nn.Module
{
    /// <summary>Creates the base.</summary>
    /// <param name="name">Name of the module.</param>
    /// <param name="outputSize">Size of the pooled vector, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    protected FramePooling(string name, int outputSize)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputSize, 1);
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

    /// <summary>
    /// Values that the pooling gives for each dimension by itself, in parts one behind the other; 0 where a dimension
    /// depends on others.
    /// </summary>
    internal virtual int PartsPerDimension => 0;

    /// <summary>
    /// Whether <see cref="Attention"/> gives weights, for reports. <see langword="false"/> unless overridden, with
    /// <see cref="Weigh"/>.
    /// </summary>
    public virtual bool HasAttention => false;

    /// <summary>
    /// The same over frames that come part by part. Keeps them all unless overridden.
    /// </summary>
    internal virtual RunningPooling BeginRunning() => new CollectedFrames(this);

    /// <summary>Pools a batch.</summary>
    /// <param name="hidden">(batch, frames, hidden); what stands in frames from a clip's length on does not matter, not
    /// even NaN.</param>
    /// <param name="lengths">Valid frames of each clip, at least 1.</param>
    /// <returns>(batch, <see cref="OutputSize"/>).</returns>
    /// <exception cref="ArgumentException">The lengths do not fit the frames.</exception>
    public Tensor Pool(Tensor hidden, long[] lengths)
    {
        Check(hidden, lengths);
        using DisposeScope scope = NewDisposeScope();
        (Tensor padding, Tensor count) = Padding(hidden, lengths);
        return Pool(hidden, padding, count.to(hidden.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The share of each frame in the pooled vector (batch, frames), 0 on padding: what the model listened to.
    /// </summary>
    /// <inheritdoc cref="Pool(Tensor, long[])" path="/param"/>
    /// <exception cref="NotSupportedException">It has none; see <see cref="HasAttention"/>.</exception>
    public Tensor Attention(Tensor hidden, long[] lengths)
    {
        Check(hidden, lengths);
        using DisposeScope scope = NewDisposeScope();
        return Weigh(hidden, Padding(hidden, lengths).Mask).MoveToOuterDisposeScope();
    }

    /// <summary>The computation itself, inside a dispose scope.</summary>
    /// <param name="hidden">(batch, frames, hidden).</param>
    /// <param name="padding">(batch, frames, 1), true on frames that do not count.</param>
    /// <param name="count">(batch, 1), valid frames, in the type of <paramref name="hidden"/>.</param>
    /// <returns>(batch, <see cref="OutputSize"/>).</returns>
    protected abstract Tensor Pool(Tensor hidden, Tensor padding, Tensor count);

    /// <summary>The weights of frames, inside a dispose scope.</summary>
    /// <param name="hidden">(batch, frames, hidden).</param>
    /// <param name="padding">(batch, frames, 1), true on frames that do not count.</param>
    /// <returns>(batch, frames).</returns>
    /// <exception cref="NotSupportedException">Not overridden.</exception>
    protected virtual Tensor Weigh(Tensor hidden, Tensor padding) =>
        throw new NotSupportedException($"Pooling: expected one that weighs frames, got {GetType().Name}.");

    private static (Tensor Mask, Tensor Count) Padding(Tensor hidden, long[] lengths)
    {
        Tensor count = tensor(lengths, device: hidden.device).unsqueeze(1);
        return ((Scalars.Range(hidden.shape[1], hidden.device) >= count).unsqueeze(2), count);
    }

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
