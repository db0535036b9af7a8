using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>The quantiser of <see cref="Mp3Compression"/>; the method is in its remarks.</summary>
internal static class SpectralQuantizer
{
    /// <summary>Lines of a frame; a frame has twice as many samples.</summary>
    private const int Lines = 512;

    /// <summary>The scaling by the frame's gain is found within this many halvings (0.02 dB).</summary>
    private const int Halvings = 14;

    public static float[] Run(float[] samples, int rate, int kilobits)
    {
        int band = (int)Math.Clamp(650 * Math.Pow(kilobits, 0.7) / (rate / 2.0) * Lines, 1, Lines);
        double bits = kilobits * 1000.0 * Lines / rate;
        double[] window = [.. Enumerable.Range(0, 2 * Lines).Select(i => Math.Sin(Math.PI * (i + 0.5) / (2 * Lines)))];
        var transform = new CosineTransform(Lines);
        double[] frame = new double[2 * Lines];
        double[] lines = new double[Lines];
        double[] sums = new double[samples.Length + (2 * Lines)];
        // The first frame begins half a frame before the first sample.
        for (int start = -Lines; start < samples.Length; start += Lines)
        {
            for (int i = 0; i < frame.Length; i++)
            {
                int at = start + i;
                frame[i] = at >= 0 && at < samples.Length ? samples[at] * window[i] : 0;
            }
            transform.Forward(frame, lines);
            lines.AsSpan(band).Clear();
            Quantize(lines.AsSpan(0, band), bits);
            transform.Inverse(lines, frame);
            for (int i = Math.Max(0, -start); i < frame.Length; i++)
            {
                sums[start + i] += frame[i] * window[i];
            }
        }
        float[] result = new float[samples.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (float)sums[i];
        }
        return result;
    }

    private static void Quantize(Span<double> lines, double bits)
    {
        double[] steps = Steps(lines);
        // |X / (gain step)|^(3/4), but for the gain.
        double[] powers = new double[lines.Length];
        double largest = 0;
        for (int k = 0; k < lines.Length; k++)
        {
            powers[k] = steps[k] == 0 ? 0 : Math.Pow(Math.Abs(lines[k]) / steps[k], 0.75);
            largest = Math.Max(largest, powers[k]);
        }
        if (largest == 0)
        {
            return;
        }
        // Between a finest quantiser (16 bits for the largest line) and one that leaves nothing.
        double fine = 32768 / largest, coarse = 0.25 / largest;
        if (Bits(powers, fine) > bits)
        {
            for (int i = 0; i < Halvings; i++)
            {
                double middle = Math.Sqrt(fine * coarse);
                if (Bits(powers, middle) > bits)
                {
                    fine = middle;
                }
                else
                {
                    coarse = middle;
                }
            }
            fine = coarse;
        }
        double gain = Math.Pow(fine, -4 / 3.0);
        for (int k = 0; k < lines.Length; k++)
        {
            double level = Math.Floor((powers[k] * fine) + 0.5);
            lines[k] = Math.CopySign(Math.Pow(level, 4 / 3.0) * steps[k] * gain, lines[k]);
        }
    }

    /// <summary>
    /// Bits of all lines: a quarter for a zero, as zeros come in runs; else a sign and Elias' gamma code of the level
    /// (Elias 1975).
    /// </summary>
    private static double Bits(double[] powers, double scale)
    {
        double bits = 0;
        foreach (double power in powers)
        {
            int level = (int)((power * scale) + 0.5);
            bits += level == 0 ? 0.25 : 2 + (2 * BitOperations.Log2((uint)level));
        }
        return bits;
    }

    /// <summary>
    /// A step per line, alike within a band: the square root of the band's root mean square. Bands grow by about a
    /// quarter each.
    /// </summary>
    private static double[] Steps(ReadOnlySpan<double> lines)
    {
        double[] steps = new double[lines.Length];
        for (int from = 0; from < lines.Length;)
        {
            int to = Math.Min(lines.Length, from + Math.Max(4, from / 4));
            double sum = 0;
            for (int k = from; k < to; k++)
            {
                sum += lines[k] * lines[k];
            }
            steps.AsSpan(from, to - from).Fill(Math.Sqrt(Math.Sqrt(sum / (to - from))));
            from = to;
        }
        return steps;
    }
}
