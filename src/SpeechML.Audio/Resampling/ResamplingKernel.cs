using System.Collections.Concurrent;
using System.Numerics;

namespace SpeechML.Audio.Resampling;

/// <summary>
/// The windowed sinc of <c>torchaudio.functional.resample</c> (BSD 2-Clause; J. O. Smith, "Digital Audio Resampling"),
/// one row of taps per phase, built in double.
/// With the rates divided by their greatest common divisor, output <c>j</c> is the sum of <c>input[i] h((i/from - j/to)
/// base)</c> over the inputs within
/// reach, <c>base = min(from, to) rolloff</c>, <c>h(t) = sinc(t) window(t / width) base / from</c>. torchaudio stores
/// all taps of a convolution over a
/// whole block; here each phase has only those that are not zero (34 instead of 475 for 44.1 to 16 kHz).
/// </summary>
internal sealed class ResamplingKernel
{
    /// <summary>Kernels with more taps (64 MiB) are not stored: their taps are computed as they are used.</summary>
    private const long MaxStoredTaps = 1 << 24;

    private const int MaxCached = 16;

    private static readonly ConcurrentDictionary<(
        int From, int To, ResamplingOptions Options), ResamplingKernel> s_cache = new();

    private readonly ResamplingOptions _options;
    private readonly double _base;

    private ResamplingKernel(int from, int to, ResamplingOptions options)
    {
        options.Validate();
        _options = options;
        From = from;
        To = to;
        _base = Math.Min(from, to) * options.Rolloff;
        Reach = options.LowpassFilterWidth * (double)from / _base;
        long taps = (long)Math.Ceiling(2 * Reach) + 1;
        taps = (taps + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        TapCount = taps;
        FirstInputs = [];
        Taps = [];
        if (taps * to <= MaxStoredTaps)
        {
            FirstInputs = new int[to];
            Taps = new float[taps * to];
            for (int phase = 0; phase < to; phase++)
            {
                int first = (int)Math.Ceiling((phase * (double)from / to) - Reach);
                FirstInputs[phase] = first;
                for (int k = 0; k < taps; k++)
                {
                    Taps[(phase * taps) + k] = (float)Tap(first + k, phase);
                }
            }
        }
    }

    /// <summary>The input rate, reduced.</summary>
    public int From { get; }

    /// <summary>The output rate, reduced; also the number of phases.</summary>
    public int To { get; }

    /// <summary>How far from an output's place its inputs lie at most, in inputs.</summary>
    public double Reach { get; }

    /// <summary>Taps per phase, padded by zeros to whole vectors.</summary>
    public long TapCount { get; }

    /// <summary>Whether <see cref="Taps"/> is filled.</summary>
    public bool IsStored => Taps.Length > 0;

    /// <summary>Per phase, the input (relative to that of the block) under the first tap.</summary>
    public int[] FirstInputs { get; }

    /// <summary>The taps, <c>[phase][tap]</c>.</summary>
    public float[] Taps { get; }

    /// <summary>The kernel for two rates, made at first use.</summary>
    public static ResamplingKernel Get(int fromRate, int toRate, ResamplingOptions options)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(fromRate, toRate);
        (int, int, ResamplingOptions) key = (fromRate / divisor, toRate / divisor, options);
        if (s_cache.TryGetValue(key, out ResamplingKernel? kernel))
        {
            return kernel;
        }
        if (s_cache.Count >= MaxCached)
        {
            s_cache.Clear();
        }
        return s_cache.GetOrAdd(key, k => new ResamplingKernel(k.From, k.To, k.Options));
    }

    /// <summary>The weight of an input (relative to the block) in the output of a phase.</summary>
    public double Tap(long input, int phase)
    {
        double width = _options.LowpassFilterWidth;
        double t = (((double)input / From) - ((double)phase / To)) * _base;
        if (Math.Abs(t) >= width)
        {
            return 0;
        }
        double window;
        if (_options.Window == ResamplingWindow.Hann)
        {
            double cosine = Math.Cos(t * Math.PI / width / 2);
            window = cosine * cosine;
        }
        else
        {
            window = BesselI0(_options.Beta * Math.Sqrt(1 - (t / width * (t / width)))) / BesselI0(_options.Beta);
        }
        double sinc = t == 0 ? 1 : Math.Sin(t * Math.PI) / (t * Math.PI);
        return sinc * window * _base / From;
    }

    /// <summary>The modified Bessel function of the first kind and order 0, by its power series.</summary>
    private static double BesselI0(double x)
    {
        double term = 1, sum = 1;
        for (int k = 1; term > sum * 1e-17; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
