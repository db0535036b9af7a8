using System.Numerics;
using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Signals;

/// <summary>
/// Transforms of long signals, kept from one use to the next, also those of the thread's last recordings as long as
/// memory is not needed. Not thread-safe.
/// </summary>
internal sealed class LongTransforms
{
    // Megabytes each: made anew for every clip they would cost as much as a transform.
    [ThreadStatic]
    private static Dictionary<int, WeakReference<LongTransform>>? t_last;

    private readonly Dictionary<int, LongTransform> _transforms = [];
    private readonly Dictionary<(Signal Source, int Padding), (double[] Re, double[] Im)> _spectra = [];

    /// <summary>The transform of the smallest power of two that holds so many samples.</summary>
    public LongTransform For(long samples)
    {
        int size = Math.Max(
            LongTransform.MinSize, checked((int)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, samples))));
        if (_transforms.TryGetValue(size, out LongTransform? transform))
        {
            return transform;
        }
        t_last ??= [];
        if (!t_last.TryGetValue(size, out WeakReference<LongTransform>? last) || !last.TryGetTarget(out transform))
        {
            transform = new LongTransform(size);
            t_last[size] = new WeakReference<LongTransform>(transform);
        }
        return _transforms[size] = transform;
    }

    /// <summary>
    /// A transform that holds the spectrum of a whole signal. It is computed once for two that ask, as two rates of one
    /// recording do, and two measures of its spectrum.
    /// </summary>
    /// <param name="source">The signal.</param>
    /// <param name="padding">Zeros before and behind it.</param>
    public LongTransform OfWhole(Signal source, int padding)
    {
        LongTransform transform = For(source.Length + (2L * padding));
        if (_spectra.Remove((source, padding), out (double[] Re, double[] Im) known))
        {
            known.Re.CopyTo(transform.Re, 0);
            known.Im.CopyTo(transform.Im, 0);
            return transform;
        }
        Forward(transform, source, -padding, source.Length + (2L * padding));
        _spectra[(source, padding)] = ([.. transform.Re], [.. transform.Im]);
        return transform;
    }

    /// <summary>The spectrum of a stretch of a signal, zeros outside it.</summary>
    public static void Forward(LongTransform transform, Signal source, long first, long count)
    {
        Span<double> samples = transform.Samples;
        source.Copy(first, samples[..(int)count]);
        samples[(int)count..].Clear();
        transform.Forward();
    }
}
