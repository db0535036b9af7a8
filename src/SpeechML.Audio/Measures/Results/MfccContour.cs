using SpeechML.Audio.Measures;

namespace SpeechML;

/// <summary>Mel-frequency cepstral coefficients over time.</summary>
/// <param name="Step">Time between frames (s); the first is at 0.</param>
/// <param name="Coefficients"><c>[coefficient][frame]</c>.</param>
public sealed record MfccContour(double Step, IReadOnlyList<IReadOnlyList<double>> Coefficients)
{
    /// <summary>The mean of each coefficient; NaN without frames.</summary>
    public IReadOnlyList<double> Means() => [.. Coefficients.Select(c => MeasureMath.Mean(c))];

    /// <summary>The population standard deviation of each coefficient; NaN without frames.</summary>
    public IReadOnlyList<double> Deviations() => [.. Coefficients.Select(c => MeasureMath.Deviation(c, 0))];

    /// <summary>
    /// The slope of each coefficient over frames: of a straight line through <paramref name="width"/> of them, as
    /// <c>librosa.feature.delta</c>; the frames at both ends take that of the first and the last whole width.
    /// </summary>
    /// <param name="width">Frames, odd and at least 3.</param>
    /// <returns><c>[coefficient][frame]</c>; empty rows where there are fewer frames than the width.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The width is even or below 3.</exception>
    public IReadOnlyList<IReadOnlyList<double>> Delta(int width = 9)
    {
        if (width < 3 || width % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(width),
                $"Width of the slope: expected an odd number of frames of at least 3, got {width}.");
        }
        int half = width / 2;
        double squares = 0;
        for (int k = 1; k <= half; k++)
        {
            squares += 2.0 * k * k;
        }
        return [.. Coefficients.Select(row => row.Count < width ? [] : Slopes(row))];

        double[] Slopes(IReadOnlyList<double> row)
        {
            double[] slopes = new double[row.Count];
            for (int i = half; i < row.Count - half; i++)
            {
                for (int k = -half; k <= half; k++)
                {
                    slopes[i] += k * row[i + k] / squares;
                }
            }
            slopes.AsSpan(0, half).Fill(slopes[half]);
            slopes.AsSpan(row.Count - half).Fill(slopes[row.Count - half - 1]);
            return slopes;
        }
    }
}
