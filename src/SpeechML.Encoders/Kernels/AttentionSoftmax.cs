using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpeechML.Encoders.Kernels;

/// <summary>The exponentials of a row of scores, less its greatest one, as softmax has them above its sum.</summary>
internal static unsafe class AttentionSoftmax
{
    private const int Width = 16;

    // Below, the exponential is no normal float32.
    private const float Smallest = -87.3f;

    /// <summary>
    /// Replaces scores by the exponentials of <c>scale · score + gate · bias + mask</c> less the greatest of them.
    /// </summary>
    /// <param name="row">The scores.</param>
    /// <param name="count">How many.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="bias">As many values, or null.</param>
    /// <param name="gate">Factor of the bias.</param>
    /// <param name="mask">As many values, or null.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials(float* row, int count, float scale, float* bias, float gate, float* mask)
    {
        Vector512<float> scales = Vector512.Create(scale), gates = Vector512.Create(gate),
            greatest = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i + Width <= count; i += Width)
        {
            Vector512<float> x = Vector512.Load(row + i) * scales;
            if (bias != null)
            {
                x = Vector512.FusedMultiplyAdd(Vector512.Load(bias + i), gates, x);
            }
            if (mask != null)
            {
                x += Vector512.Load(mask + i);
            }
            x.Store(row + i);
            greatest = Avx512F.Max(greatest, x);
        }
        float most = float.NegativeInfinity;
        for (int lane = 0; lane < Width; lane++)
        {
            most = MathF.Max(most, greatest[lane]);
        }
        for (; i < count; i++)
        {
            float x = row[i] * scale;
            x += bias != null ? bias[i] * gate : 0;
            x += mask != null ? mask[i] : 0;
            row[i] = x;
            most = MathF.Max(most, x);
        }
        Vector512<float> mosts = Vector512.Create(most), sums = Vector512<float>.Zero;
        for (i = 0; i + Width <= count; i += Width)
        {
            Vector512<float> e = Exp(Vector512.Load(row + i) - mosts);
            e.Store(row + i);
            sums += e;
        }
        float sum = Vector512.Sum(sums);
        for (; i < count; i++)
        {
            row[i] = MathF.Exp(row[i] - most);
            sum += row[i];
        }
        return sum;
    }

    /// <summary>
    /// The exponential of numbers up to 0 to two units in the last place (Moshier, Cephes, expf); 0 where it is no
    /// normal number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        // Adding 1.5 * 2^23 rounds to a whole number, which is then in the low bits.
        Vector512<float> rounder = Vector512.Create(12582912f);
        // the second operand where one is no number
        Vector512<float> bounded = Avx512F.Max(Vector512.Create(Smallest), x);
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(bounded, Vector512.Create(1.44269504088896341f), rounder);
        Vector512<float> whole = shifted - rounder;
        Vector512<float> r = Vector512.FusedMultiplyAdd(whole, Vector512.Create(-0.693359375f), bounded);
        r = Vector512.FusedMultiplyAdd(whole, Vector512.Create(2.12194440e-4f), r);
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        Vector512<float> power = (Vector512.ShiftLeft(shifted.AsInt32(), 23) + Vector512<float>.One.AsInt32())
            .AsSingle();
        return Vector512.ConditionalSelect(
            Vector512.LessThan(x, Vector512.Create(Smallest)), Vector512<float>.Zero, p * power);
    }
}
