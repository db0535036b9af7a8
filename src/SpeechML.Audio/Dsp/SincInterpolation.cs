using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpeechML.Audio.Dsp;

/// <summary>
/// Values between samples by a sinc under a Hann window (P. Boersma 1993, "Accurate short-term analysis of the
/// fundamental frequency and the harmonics-to-noise ratio of a sampled sound", eq. 22).
/// </summary>
internal static class SincInterpolation
{
    /// <summary>
    /// The value at a fractional index. At most <paramref name="depth"/> samples on each side count; fewer near the
    /// ends, where the smaller side limits both: with two a cubic, with one a line.
    /// </summary>
    public static double At(ReadOnlySpan<double> row, double x, int depth) =>
        At(row, 0, row.Length, x, depth);

    /// <summary>The same where only a part of the row is at hand, all that the depth can reach.</summary>
    /// <param name="part">The samples from <paramref name="first"/> on.</param>
    /// <param name="first">The index of the first of them.</param>
    /// <param name="length">The samples of the whole row.</param>
    /// <param name="x">The place in the whole row.</param>
    /// <param name="depth">The samples on each side.</param>
    public static double At(ReadOnlySpan<double> part, long first, long length, double x, int depth)
    {
        long left = (long)Math.Floor(x);
        int at = (int)(left - first);
        double fraction = x - left;
        if (fraction == 0)
        {
            return part[at];
        }
        int width = (int)Math.Min(Math.Min(depth, (length / 2) + 1), Math.Min(left + 1, length - 1 - left));
        if (width < 3)
        {
            return Few(part, at, fraction, width);
        }
        double sum = Below(part.Slice(at - width + 1, width), fraction)
            + Above(part.Slice(at + 1, width), 1 - fraction);
        // The sine of the nearer distance: next to a sample the other's would have no digits left.
        return Math.Sin(Math.PI * Math.Min(fraction, 1 - fraction)) / Math.PI * sum;
    }

    private static double Few(ReadOnlySpan<double> row, int left, double u, int width)
    {
        if (width <= 0)
        {
            return row[left];
        }
        double v = 1 - u, a = row[left], b = row[left + 1];
        if (width == 1)
        {
            return (v * a) + (u * b);
        }
        double slopeA = (b - row[left - 1]) / 2, slopeB = (row[left + 2] - a) / 2;
        return (v * v * (1 + (2 * u)) * a) + (u * u * (1 + (2 * v)) * b) + (u * v * v * slopeA) - (u * u * v * slopeB);
    }

    /// <summary>
    /// Σ (-1)^j value[n - 1 - j] / (d + j) (0.5 + 0.5 cos(π (d + j) / (d + n))): the farthest sample comes first.
    /// </summary>
    private static double Below(ReadOnlySpan<double> values, double d)
    {
        int n = values.Length;
        (double sine, double cosine) = Math.SinCos(Math.PI / (d + n));
        // The angle of the farthest is π - π / (d + n).
        return Sum(values, d + n - 1, -1, -cosine, sine, cosine, -sine, (n - 1) % 2 == 0 ? 1 : -1);
    }

    /// <summary>The same with the nearest sample first.</summary>
    private static double Above(ReadOnlySpan<double> values, double d)
    {
        (double stepSine, double stepCosine) = Math.SinCos(Math.PI / (d + values.Length));
        (double sine, double cosine) = Math.SinCos(Math.PI * d / (d + values.Length));
        return Sum(values, d, 1, cosine, sine, stepCosine, stepSine, 1);
    }

    /// <summary>Four samples at a time: the window's cosine turns on from one four to the next.</summary>
    private static double Sum(ReadOnlySpan<double> values, double distance, double step, double cosine, double sine,
        double stepCosine, double stepSine, double sign)
    {
        double cosine1 = (cosine * stepCosine) - (sine * stepSine), sine1 = (sine * stepCosine) + (cosine * stepSine);
        double cosine2 = (cosine1 * stepCosine) - (sine1 * stepSine);
        double sine2 = (sine1 * stepCosine) + (cosine1 * stepSine);
        double cosine3 = (cosine2 * stepCosine) - (sine2 * stepSine);
        double sine3 = (sine2 * stepCosine) + (cosine2 * stepSine);
        double twoCosine = (stepCosine * stepCosine) - (stepSine * stepSine), twoSine = 2 * stepCosine * stepSine;
        Vector256<double> fourCosine = Vector256.Create((twoCosine * twoCosine) - (twoSine * twoSine));
        Vector256<double> fourSine = Vector256.Create(2 * twoCosine * twoSine);
        Vector256<double> cosines = Vector256.Create(cosine, cosine1, cosine2, cosine3);
        Vector256<double> sines = Vector256.Create(sine, sine1, sine2, sine3);
        Vector256<double> distances = Vector256.Create(
            distance, distance + step, distance + (2 * step), distance + (3 * step));
        Vector256<double> four = Vector256.Create(4 * step);
        Vector256<double> half = Vector256.Create(0.5 * sign, -0.5 * sign, 0.5 * sign, -0.5 * sign);
        Vector256<double> sum = Vector256<double>.Zero;
        ref double start = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - 4; i += 4)
        {
            Vector256<double> value = Vector256.LoadUnsafe(ref Unsafe.Add(ref start, i));
            sum += value * (half + (half * cosines)) / distances;
            Vector256<double> turned = (cosines * fourCosine) - (sines * fourSine);
            sines = (sines * fourCosine) + (cosines * fourSine);
            cosines = turned;
            distances += four;
        }
        if (i < values.Length)
        {
            int left = values.Length - i;
            Vector256<double> value = Vector256.Create(
                values[i], left > 1 ? values[i + 1] : 0, left > 2 ? values[i + 2] : 0, 0);
            sum += value * (half + (half * cosines)) / distances;
        }
        return Vector256.Sum(sum);
    }

    /// <summary>
    /// The maximum within one sample of the index of a peak, by Brent's method (R. P. Brent 1973, "Algorithms for
    /// Minimization without Derivatives", chapter 5).
    /// </summary>
    public static (double Place, double Value) Sharpest(ReadOnlySpan<double> row, int peak, int depth)
    {
        const double Golden = 0.3819660112501051, Tolerance = 1e-7;
        const int MaxSteps = 40;
        double low = peak - 1, high = peak + 1;
        double best = low + (Golden * (high - low)), second = best, third = best;
        double fBest = At(row, best, depth), fSecond = fBest, fThird = fBest;
        double step = 0, before = 0;
        for (int k = 0; k < MaxSteps; k++)
        {
            double middle = (low + high) / 2;
            if (Math.Abs(best - middle) <= (2 * Tolerance) - ((high - low) / 2))
            {
                break;
            }
            bool parabola = false;
            if (Math.Abs(before) > Tolerance)
            {
                double r = (best - second) * (fBest - fThird);
                double q = (best - third) * (fBest - fSecond);
                double p = ((best - third) * q) - ((best - second) * r);
                q = 2 * (q - r);
                p = q > 0 ? -p : p;
                q = Math.Abs(q);
                if (Math.Abs(p) < Math.Abs(0.5 * q * before) && p > q * (low - best) && p < q * (high - best))
                {
                    parabola = true;
                    before = step;
                    step = p / q;
                    double at = best + step;
                    if (at - low < 2 * Tolerance || high - at < 2 * Tolerance)
                    {
                        step = best < middle ? Tolerance : -Tolerance;
                    }
                }
            }
            if (!parabola)
            {
                before = best < middle ? high - best : low - best;
                step = Golden * before;
            }
            double next = best + (Math.Abs(step) >= Tolerance ? step : step > 0 ? Tolerance : -Tolerance);
            double fNext = At(row, next, depth);
            if (fNext >= fBest)
            {
                (low, high) = next < best ? (low, best) : (best, high);
                (third, second, best) = (second, best, next);
                (fThird, fSecond, fBest) = (fSecond, fBest, fNext);
                continue;
            }
            (low, high) = next < best ? (next, high) : (low, next);
            if (fNext >= fSecond || second == best)
            {
                (third, second) = (second, next);
                (fThird, fSecond) = (fSecond, fNext);
            }
            else if (fNext >= fThird || third == best || third == second)
            {
                (third, fThird) = (next, fNext);
            }
        }
        return (best, fBest);
    }
}
