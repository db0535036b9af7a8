using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>
/// The mean of the linear interpolant of values over a width centred on each. The values end so many samples outside
/// the first and the last, where the end's value continues.
/// </summary>
internal sealed class SmoothingKernel
{
    private readonly int _count;
    private readonly double _width;
    private readonly double _margin;
    private readonly double[] _weights;
    private readonly double[] _inner;
    private readonly int _innerFrom;
    private readonly int _innerTo;

    /// <param name="count">The values.</param>
    /// <param name="width">The width, in values; 0 for none.</param>
    /// <param name="margin">How far outside the first and the last value they end.</param>
    public SmoothingKernel(int count, double width, double margin)
    {
        _count = count;
        _width = width;
        _margin = margin;
        IsNone = width <= 0 || count < 2;
        Reach = IsNone ? 0 : (int)Math.Min(count, Math.Ceiling(width / 2) + 1);
        _weights = new double[(2 * Reach) + 2];
        // Where the whole width is inside, all values have the same weights.
        int middle = Reach;
        _innerFrom = Math.Min(count, Reach);
        _innerTo = Math.Max(_innerFrom, count - Reach);
        _inner = IsNone || _innerTo == _innerFrom ? [] : Weights(middle, out _innerOffset).ToArray();
        _innerOffset -= middle;
    }

    private readonly int _innerOffset;

    /// <summary>Whether values stay as they are.</summary>
    public bool IsNone { get; }

    /// <summary>How far from a value those are that count.</summary>
    public int Reach { get; }

    /// <summary>The weights of the values from <paramref name="first"/> on in the mean about one of them.</summary>
    public ReadOnlySpan<double> Weights(int at, out int first)
    {
        double a = Math.Max(-_margin, at - (_width / 2)), b = Math.Min(_count - 1 + _margin, at + (_width / 2));
        first = Math.Max(0, (int)Math.Floor(a));
        int last = Math.Min(_count - 1, (int)Math.Ceiling(b));
        for (int k = first; k <= last; k++)
        {
            _weights[k - first] = Hat(Math.Min(b, _count - 1) - k) - Hat(Math.Max(a, 0) - k);
        }
        if (first == 0)
        {
            _weights[0] += Math.Max(0, -a);
        }
        if (last == _count - 1)
        {
            _weights[last - first] += Math.Max(0, b - (_count - 1));
        }
        Span<double> weights = _weights.AsSpan(0, last - first + 1);
        foreach (ref double weight in weights)
        {
            weight /= b - a;
        }
        return weights;
    }

    /// <summary>Smooths a row.</summary>
    public void Apply(ReadOnlySpan<double> row, Span<double> result)
    {
        if (IsNone)
        {
            row.CopyTo(result);
            return;
        }
        Span<double> inner = result[_innerFrom.._innerTo];
        inner.Clear();
        for (int j = 0; j < _inner.Length; j++)
        {
            VectorMath.AddScaled(row.Slice(_innerFrom + _innerOffset + j, inner.Length), _inner[j], inner);
        }
        for (int i = 0; i < row.Length; i++)
        {
            if (i == _innerFrom)
            {
                i = _innerTo;
                if (i >= row.Length)
                {
                    break;
                }
            }
            ReadOnlySpan<double> weights = Weights(i, out int first);
            result[i] = VectorMath.Dot(weights, row[first..]);
        }
    }

    /// <summary>The integral of a triangle of height 1 and half width 1, up to a place.</summary>
    private static double Hat(double place)
    {
        double u = Math.Clamp(place, -1, 1);
        return u < 0 ? (u + 1) * (u + 1) / 2 : 1 - ((1 - u) * (1 - u) / 2);
    }
}
