using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>Convolution by overlap-add of Fourier transforms.</summary>
internal static class Convolution
{
    private const int SmallestTransform = 1024;
    private const int LargestTransform = 1 << 22;

    /// <summary>The full convolution, <c>samples.Length + response.Length - 1</c> long, or its first part.</summary>
    public static float[] Convolve(ReadOnlySpan<float> samples, ReadOnlySpan<double> response, int length)
    {
        // Twice to four times the response per block is near the best; less where the signal itself is short.
        long wanted = Math.Min(4L * response.Length, (long)samples.Length + response.Length);
        int size = (int)BitOperations.RoundUpToPowerOf2(
            (uint)Math.Clamp(Math.Max(wanted, 2L * response.Length), SmallestTransform, LargestTransform));
        var transform = new RealTransform(size);
        int block = size - response.Length + 1;
        Complex[] spectrum = transform.Forward(response).ToArray();
        double[] sums = new double[length];
        double[] part = new double[size];
        Complex[] product = new Complex[spectrum.Length];
        for (int from = 0; from < samples.Length && from < length; from += block)
        {
            int count = Math.Min(block, samples.Length - from);
            for (int i = 0; i < count; i++)
            {
                part[i] = samples[from + i];
            }
            ReadOnlySpan<Complex> bins = transform.Forward(part.AsSpan(0, count));
            for (int k = 0; k < product.Length; k++)
            {
                product[k] = bins[k] * spectrum[k];
            }
            transform.Inverse(product, part);
            int end = Math.Min(count + response.Length - 1, length - from);
            for (int i = 0; i < end; i++)
            {
                sums[from + i] += part[i];
            }
        }
        return Array.ConvertAll(sums, s => (float)s);
    }

    /// <summary>A response scaled to energy 1; null where it is silent.</summary>
    public static double[]? OfUnitEnergy(ReadOnlySpan<float> response)
    {
        double norm = Math.Sqrt(SampleMath.MeanSquare(response) * response.Length);
        if (norm < 1e-12)
        {
            return null;
        }
        double[] result = new double[response.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = response[i] / norm;
        }
        return result;
    }
}
