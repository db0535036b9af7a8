namespace SpeechML.Audio.Measures;

/// <summary>Statistics of contours.</summary>
internal static class MeasureMath
{
    /// <summary>Decibels of a power of 0.</summary>
    public const double Silence = -300;

    /// <summary>(20 µPa)²: a sample of 1 counts as 1 Pa.</summary>
    public const double ReferencePower = 4e-10;

    /// <summary>The mean; NaN of nothing.</summary>
    public static double Mean(IReadOnlyList<double> values)
    {
        double sum = 0;
        for (int i = 0; i < values.Count; i++)
        {
            sum += values[i];
        }
        return values.Count == 0 ? double.NaN : sum / values.Count;
    }

    /// <summary>The standard deviation over n - <paramref name="lost"/>; NaN where that is 0.</summary>
    public static double Deviation(IReadOnlyList<double> values, int lost = 1)
    {
        if (values.Count <= lost)
        {
            return double.NaN;
        }
        double mean = Mean(values), sum = 0;
        for (int i = 0; i < values.Count; i++)
        {
            sum += (values[i] - mean) * (values[i] - mean);
        }
        return Math.Sqrt(sum / (values.Count - lost));
    }

    /// <summary>
    /// A percentile (0 to 100) of sorted values: linear between order statistics, the k-th of n at (k - 0.5) / n, not
    /// beyond the extremes; NaN of nothing.
    /// </summary>
    public static double Percentile(double[] sorted, double percent)
    {
        if (sorted.Length == 0)
        {
            return double.NaN;
        }
        double place = (percent / 100 * sorted.Length) - 0.5;
        if (place <= 0)
        {
            return sorted[0];
        }
        if (place >= sorted.Length - 1)
        {
            return sorted[^1];
        }
        int k = (int)Math.Floor(place);
        return sorted[k] + ((place - k) * (sorted[k + 1] - sorted[k]));
    }

    /// <summary>The slope of a line by least squares; NaN of fewer than two points.</summary>
    public static double Slope(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count < 2)
        {
            return double.NaN;
        }
        double meanX = Mean(x), meanY = Mean(y), products = 0, squares = 0;
        for (int i = 0; i < x.Count; i++)
        {
            products += (x[i] - meanX) * (y[i] - meanY);
            squares += (x[i] - meanX) * (x[i] - meanX);
        }
        return products / squares;
    }

    /// <summary>
    /// The highest of the values at both ends of a range and of the local maxima in it, each refined by a parabola.
    /// </summary>
    public static (double Value, double Place) HighestPeak(ReadOnlySpan<double> v, int low, int high)
    {
        double best = double.NegativeInfinity, place = low;
        for (int k = Math.Max(1, low); k <= Math.Min(v.Length - 2, high); k++)
        {
            if (v[k] > v[k - 1] && v[k] >= v[k + 1])
            {
                (double shift, double rise) = Vertex(v[k - 1], v[k], v[k + 1]);
                if (v[k] + rise > best)
                {
                    (best, place) = (v[k] + rise, k + shift);
                }
            }
        }
        foreach (int end in (ReadOnlySpan<int>)[low, high])
        {
            if (v[end] > best)
            {
                (best, place) = (v[end], end);
            }
        }
        return (best, place);
    }

    /// <summary>
    /// The extremum of a parabola through an extreme value and its neighbours: how far from the middle it is, and how
    /// far beyond its value; neither where rounding leaves no bend.
    /// </summary>
    public static (double Shift, double Rise) Vertex(double before, double middle, double after)
    {
        double lift = 0.5 * (after - before), bend = (2 * middle) - before - after;
        // Of an extremum the bend is at least twice the lift.
        return double.IsFinite(bend) && Math.Abs(bend) > Math.Abs(lift) ? (lift / bend, 0.5 * lift * lift / bend)
            : (0, 0);
    }

    public static double Semitones(double frequency) => 12 * Math.Log2(frequency);
}
