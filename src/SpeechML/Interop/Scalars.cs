using System.Collections.Concurrent;
using TorchSharp;

namespace SpeechML.Interop;

/// <summary>
/// Numbers as arguments of tensor operations. TorchSharp reads a <see cref="Scalar"/>'s native handle and calls on without keeping the object alive: a
/// collection caused by another thread (a decoder, a web request) can finalise it in between, and the operation then reads freed memory. Seen as
/// "Expected false to be true" from <c>Scalar::toFloat</c> under load. A scalar that is kept for good cannot be finalised.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<long, Scalar> s_floating = new();
    private static readonly ConcurrentDictionary<long, Scalar> s_integers = new();

    // One entry per distinct constant of the library's formulas and a model's configuration; numbers that change with every step do not come here.
    public static Scalar Of(double value) => s_floating.GetOrAdd(BitConverter.DoubleToInt64Bits(value), _ => value.ToScalar());

    /// <summary>a + b. TorchSharp's own operator makes a scalar for the factor of b, which is 1.</summary>
    public static torch.Tensor Plus(this torch.Tensor a, torch.Tensor b) => a.add(b, Of(1));

    public static Scalar Of(long value) => s_integers.GetOrAdd(value, v => v.ToScalar());
}
