namespace SpeechML.Audio.Dsp;

/// <summary>
/// The weights of <see cref="SincInterpolation"/> for places that lie between samples in the same few ways again and
/// again, as the samples of another rate do. Not thread-safe.
/// </summary>
internal sealed class SincPhases
{
    private const int MaxPhases = 512;
    private const double Rounding = 1e-9;

    private readonly int _depth;
    private readonly double[] _fractions;
    private readonly double[][] _weights;

    private SincPhases(int period, int depth)
    {
        _depth = depth;
        _fractions = new double[period];
        _weights = new double[period][];
    }

    /// <summary>
    /// The phases of one rate's samples between another's; <see langword="null"/> where there are too many.
    /// </summary>
    /// <param name="from">The rate that is there (Hz).</param>
    /// <param name="to">The rate of the places (Hz).</param>
    /// <param name="depth">Samples on each side that count.</param>
    public static SincPhases? Of(double from, double to, int depth)
    {
        for (int period = 1; period <= MaxPhases; period++)
        {
            double samples = period * from / to;
            if (Math.Abs(samples - Math.Round(samples)) < Rounding)
            {
                return new SincPhases(period, depth);
            }
        }
        return null;
    }

    /// <summary>The value at a place, as <see cref="SincInterpolation"/> has it but for rounding.</summary>
    /// <param name="part">The samples from <paramref name="first"/> on.</param>
    /// <param name="first">The index of the first of them.</param>
    /// <param name="length">The samples of the whole row.</param>
    /// <param name="place">The place in the whole row.</param>
    /// <param name="index">Which place it is; places a period apart have the same phase.</param>
    public double At(ReadOnlySpan<double> part, long first, long length, double place, long index)
    {
        long left = (long)Math.Floor(place);
        if (left < _depth || length - 1 - left <= _depth)
        {
            // At the ends fewer samples count.
            return SincInterpolation.At(part, first, length, place, _depth);
        }
        int phase = (int)(index % _fractions.Length);
        double[]? weights = _weights[phase];
        if (weights is null)
        {
            _fractions[phase] = place - left;
            _weights[phase] = weights = Weights(place - left);
        }
        // Next to a sample rounding would give the other one.
        left = (long)Math.Round(place - _fractions[phase]);
        return VectorMath.Dot(weights, part[(int)(left - first - _depth + 1)..]);
    }

    /// <summary>Of the samples from <c>depth - 1</c> before the left one to <c>depth</c> behind it.</summary>
    private double[] Weights(double fraction)
    {
        double[] weights = new double[2 * _depth];
        if (fraction == 0)
        {
            weights[_depth - 1] = 1;
            return weights;
        }
        double scale = Math.Sin(Math.PI * Math.Min(fraction, 1 - fraction)) / Math.PI;
        for (int j = 0; j < _depth; j++)
        {
            weights[_depth - 1 - j] = scale * Weight(j, fraction);
            weights[_depth + j] = scale * Weight(j, 1 - fraction);
        }
        return weights;
    }

    private double Weight(int j, double distance) => (j % 2 == 0 ? 1 : -1) / (distance + j)
        * (0.5 + (0.5 * Math.Cos(Math.PI * (distance + j) / (distance + _depth))));
}
