using SpeechML.Encoders.Layers;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// A stretch of one thread's work in which this library takes weights of linear maps and lets them go again, so that
/// they may be packed afterwards (<see cref="PackedWeight"/>). Weights that are taken outside of one stay plain.
/// </summary>
internal sealed class WeightAccess : IDisposable
{
    [ThreadStatic]
    private static WeightAccess? t_current;

    private readonly WeightAccess? _outer = t_current;
    private readonly HashSet<PackedWeight> _taken = [];
    private readonly HashSet<PackedWeight>? _only;

    private WeightAccess(HashSet<PackedWeight>? only = null)
    {
        _only = only;
    }

    /// <summary>The innermost one of this thread; <see langword="null"/> outside of any.</summary>
    public static WeightAccess? Current => t_current;

    /// <summary>Begins one, to be disposed on the same thread once no tensor that was taken is used any more.</summary>
    public static WeightAccess Begin() => t_current = new WeightAccess();

    /// <summary>
    /// Begins one for the weights of a module alone, in which code that is not this library's runs too, such as a
    /// handler of progress: it does not have this module, and what it takes of another it may keep.
    /// </summary>
    public static WeightAccess Begin(nn.Module of) => t_current = new WeightAccess(
        [.. of.modules().OfType<ProductModule>().Select(m => m.Packed).OfType<PackedWeight>()]);

    /// <summary>
    /// Leaves all of this thread until what is returned is disposed, for code that is not this library's: weights that
    /// it takes, it may keep.
    /// </summary>
    public static IDisposable Leave()
    {
        var left = new Outside(t_current);
        t_current = null;
        return left;
    }

    /// <summary>Whether it is for this weight: one that is not stays plain.</summary>
    public bool Covers(PackedWeight weight) => _only?.Contains(weight) != false;

    /// <summary>Notes a weight that was taken; whether it is the first time.</summary>
    public bool Add(PackedWeight weight) => _taken.Add(weight);

    public void Dispose()
    {
        t_current = _outer;
        foreach (PackedWeight weight in _taken)
        {
            weight.Return();
        }
        _taken.Clear();
    }

    private sealed class Outside(WeightAccess? left) : IDisposable
    {
        public void Dispose() => t_current = left;
    }
}
