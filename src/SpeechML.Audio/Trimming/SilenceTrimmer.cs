using System.Numerics;

namespace SpeechML;

/// <summary>
/// Finds the part of a clip between its first and its last frame that is loud enough, as <c>librosa.effects.trim</c>
/// (ISC licence) does: root mean square of
/// centred frames with zeros beyond the ends, in decibels against the loudest frame.
/// </summary>
public static class SilenceTrimmer
{
    /// <summary>librosa's floor for amplitudes: -100 dB of full scale.</summary>
    private const double Floor = 1e-5;

    /// <summary>
    /// The part that is not silent: start inclusive, end exclusive. Pure silence is as loud as its loudest frame
    /// everywhere, so that nothing is cut.
    /// </summary>
    /// <param name="samples">Mono samples.</param>
    /// <param name="options">What counts as silence; null for librosa's defaults.</param>
    public static (int Start, int End) Find(ReadOnlySpan<float> samples, SilenceTrimmingOptions? options = null)
    {
        options ??= new SilenceTrimmingOptions();
        options.Validate();
        if (samples.IsEmpty)
        {
            return (0, 0);
        }
        int half = options.FrameLength / 2;
        int frames = 1 + (int)Math.Max(0,
            ((long)samples.Length + (2 * half) - options.FrameLength) / options.HopLength);
        double[] level = new double[frames];
        double loudest = Floor;
        for (int k = 0; k < frames; k++)
        {
            long from = ((long)k * options.HopLength) - half;
            int start = (int)Math.Max(0, from), end = (int)Math.Min(samples.Length, from + options.FrameLength);
            level[k] = Math.Max(Floor,
                Math.Sqrt(SumOfSquares(samples[start..Math.Max(start, end)]) / options.FrameLength));
            loudest = Math.Max(loudest, level[k]);
        }
        int first = Array.FindIndex(level, IsLoud), last = Array.FindLastIndex(level, IsLoud);
        return first < 0 ? (0, 0)
            : ((int)Math.Min(samples.Length, (long)first * options.HopLength),
            (int)Math.Min(samples.Length, (last + 1L) * options.HopLength));

        bool IsLoud(double value) => 20 * Math.Log10(value / loudest) > -options.TopDb;
    }

    /// <summary>In double, so that quiet frames are not lost in rounding.</summary>
    private static double SumOfSquares(ReadOnlySpan<float> samples)
    {
        Vector<double> sum = Vector<double>.Zero;
        int i = 0;
        for (; i <= samples.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(samples[i..]), out Vector<double> low, out Vector<double> high);
            sum += (low * low) + (high * high);
        }
        double total = Vector.Sum(sum);
        for (; i < samples.Length; i++)
        {
            total += (double)samples[i] * samples[i];
        }
        return total;
    }
}
