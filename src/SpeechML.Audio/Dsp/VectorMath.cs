using System.Numerics;
using System.Runtime.InteropServices;

namespace SpeechML.Audio.Dsp;

/// <summary>Sums over many numbers, several at a time.</summary>
internal static class VectorMath
{
    public static double Sum(ReadOnlySpan<double> values)
    {
        Vector<double> sums = Vector<double>.Zero;
        ReadOnlySpan<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        foreach (Vector<double> vector in vectors)
        {
            sums += vector;
        }
        double sum = Vector.Sum(sums);
        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            sum += value;
        }
        return sum;
    }

    /// <summary>Σ a[i] b[i] over the length of the first.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector<double> even = Vector<double>.Zero, odd = Vector<double>.Zero;
        ReadOnlySpan<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(a);
        ReadOnlySpan<Vector<double>> y = MemoryMarshal.Cast<double, Vector<double>>(b[..a.Length]);
        int i = 0;
        for (; i + 1 < x.Length; i += 2)
        {
            even += x[i] * y[i];
            odd += x[i + 1] * y[i + 1];
        }
        if (i < x.Length)
        {
            even += x[i] * y[i];
        }
        double sum = Vector.Sum(even + odd);
        for (int k = x.Length * Vector<double>.Count; k < a.Length; k++)
        {
            sum += a[k] * b[k];
        }
        return sum;
    }

    public static double SumOfSquares(ReadOnlySpan<double> values) => Dot(values, values);

    /// <summary>Σ (values[i] - mean)² weights[i].</summary>
    public static double WeightedSquares(ReadOnlySpan<double> values, double mean, ReadOnlySpan<double> weights)
    {
        Vector<double> sums = Vector<double>.Zero;
        var means = new Vector<double>(mean);
        ReadOnlySpan<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(values);
        ReadOnlySpan<Vector<double>> w = MemoryMarshal.Cast<double, Vector<double>>(weights[..values.Length]);
        for (int i = 0; i < x.Length; i++)
        {
            Vector<double> difference = x[i] - means;
            sums += difference * difference * w[i];
        }
        double sum = Vector.Sum(sums);
        for (int k = x.Length * Vector<double>.Count; k < values.Length; k++)
        {
            sum += (values[k] - mean) * (values[k] - mean) * weights[k];
        }
        return sum;
    }

    /// <summary>The largest magnitude; 0 of nothing.</summary>
    public static double MaxMagnitude(ReadOnlySpan<double> values)
    {
        Vector<double> largest = Vector<double>.Zero;
        ReadOnlySpan<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        foreach (Vector<double> vector in vectors)
        {
            largest = Vector.Max(largest, Vector.Abs(vector));
        }
        double result = 0;
        for (int lane = 0; lane < Vector<double>.Count; lane++)
        {
            result = Math.Max(result, largest[lane]);
        }
        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            result = Math.Max(result, Math.Abs(value));
        }
        return result;
    }

    /// <summary>target[i] += weight * values[i].</summary>
    public static void AddScaled(ReadOnlySpan<double> values, double weight, Span<double> target)
    {
        ReadOnlySpan<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(values);
        Span<Vector<double>> y = MemoryMarshal.Cast<double, Vector<double>>(target[..values.Length]);
        for (int i = 0; i < x.Length; i++)
        {
            y[i] += x[i] * weight;
        }
        for (int k = x.Length * Vector<double>.Count; k < values.Length; k++)
        {
            target[k] += weight * values[k];
        }
    }

    /// <summary>values[i] *= factors[i].</summary>
    public static void Multiply(Span<double> values, ReadOnlySpan<double> factors)
    {
        Span<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(values);
        ReadOnlySpan<Vector<double>> y = MemoryMarshal.Cast<double, Vector<double>>(factors[..values.Length]);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] *= y[i];
        }
        for (int k = x.Length * Vector<double>.Count; k < values.Length; k++)
        {
            values[k] *= factors[k];
        }
    }

    /// <summary>values[i] = values[i] / divisor / divisors[i].</summary>
    public static void Divide(Span<double> values, double divisor, ReadOnlySpan<double> divisors)
    {
        Span<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(values);
        ReadOnlySpan<Vector<double>> y = MemoryMarshal.Cast<double, Vector<double>>(divisors[..values.Length]);
        var one = new Vector<double>(divisor);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = x[i] / one / y[i];
        }
        for (int k = x.Length * Vector<double>.Count; k < values.Length; k++)
        {
            values[k] = values[k] / divisor / divisors[k];
        }
    }

    /// <summary>A step of a lattice: a[i] - k b[i] and b[i] - k a[i].</summary>
    public static void Reflect(Span<double> a, Span<double> b, double k)
    {
        Span<Vector<double>> x = MemoryMarshal.Cast<double, Vector<double>>(a);
        Span<Vector<double>> y = MemoryMarshal.Cast<double, Vector<double>>(b[..a.Length]);
        for (int i = 0; i < x.Length; i++)
        {
            Vector<double> old = x[i];
            x[i] -= y[i] * k;
            y[i] -= old * k;
        }
        for (int i = x.Length * Vector<double>.Count; i < a.Length; i++)
        {
            double old = a[i];
            a[i] -= b[i] * k;
            b[i] -= old * k;
        }
    }

    /// <summary>values[i] = scale ln(values[i] + offset).</summary>
    public static void Log(Span<double> values, double offset, double scale)
    {
        Span<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        var offsets = new Vector<double>(offset);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Vector.Log(vectors[i] + offsets) * scale;
        }
        for (int k = vectors.Length * Vector<double>.Count; k < values.Length; k++)
        {
            values[k] = scale * Math.Log(values[k] + offset);
        }
    }
}
