using System.Collections.Concurrent;
using TorchSharp;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Numbers as arguments of tensor operations. TorchSharp reads a <see cref="Scalar"/>'s native handle and calls on
/// without keeping the object alive: a
/// collection caused by another thread (a decoder, a web request) can finalise it in between, and the operation then
/// reads freed memory. Seen as
/// "Expected false to be true" from <c>Scalar::toFloat</c> under load. A scalar that is kept for good cannot be
/// finalised.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<long, Scalar> s_floating = new();
    private static readonly ConcurrentDictionary<long, Scalar> s_integers = new();

    // One entry per distinct constant of the library's formulas and a model's configuration; numbers that change with
    // every step do not come here.
    public static Scalar Of(double value) =>
        s_floating.GetOrAdd(BitConverter.DoubleToInt64Bits(value), _ => value.ToScalar());

    /// <summary>a + b. TorchSharp's own operator makes a scalar for the factor of b, which is 1.</summary>
    public static torch.Tensor Plus(this torch.Tensor a, torch.Tensor b) => a.add(b, Of(1));

    /// <summary>a - b. TorchSharp's own operator makes a scalar for the factor of a, which is 1.</summary>
    public static torch.Tensor Minus(this Scalar a, torch.Tensor b) => b.negative().add(a, Of(1));

    /// <summary>x². <c>Tensor.square</c> makes a scalar for the exponent.</summary>
    public static torch.Tensor Squared(this torch.Tensor x) => x.pow(Of(2));

    /// <summary>
    /// The integers from 0 (inclusive) to <paramref name="stop"/> (exclusive); <c>torch.arange</c> with fewer arguments
    /// makes a scalar for the step.
    /// </summary>
    public static torch.Tensor Range(long stop, torch.Device? device = null) => Range(0, stop, device);

    /// <summary>
    /// The integers from <paramref name="start"/> (inclusive) to <paramref name="stop"/> (exclusive).
    /// </summary>
    public static torch.Tensor Range(long start, long stop, torch.Device? device = null) =>
        torch.arange(Of(start), Of(stop), Of(1), torch.ScalarType.Int64, device);

    public static Scalar Of(long value) => s_integers.GetOrAdd(value, v => v.ToScalar());
}
