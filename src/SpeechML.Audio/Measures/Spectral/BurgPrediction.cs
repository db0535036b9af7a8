using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>Linear prediction by Burg's recursion. Not thread-safe.</summary>
internal sealed class BurgPrediction(int order)
{
    private readonly double[] _coefficients = new double[order];
    private readonly double[] _before = new double[order];
    private double[] _forward = [];
    private double[] _backward = [];

    /// <summary>
    /// Coefficients a[1 … order] of x[n] ≈ Σ a[k] x[n - k]; empty where nothing is left to predict. Valid until the
    /// next call.
    /// </summary>
    public ReadOnlySpan<double> Predict(ReadOnlySpan<double> frame)
    {
        int count = frame.Length - 1;
        if (_forward.Length < count)
        {
            _forward = new double[count];
            _backward = new double[count];
        }
        frame[1..].CopyTo(_forward);
        frame[..count].CopyTo(_backward);
        // The forward errors lose their first value at each order, the backward ones their last.
        for (int m = 0; m < order; m++)
        {
            Span<double> f = _forward.AsSpan(m, count - m), b = _backward.AsSpan(0, count - m);
            double energy = VectorMath.SumOfSquares(f) + VectorMath.SumOfSquares(b);
            if (!(energy > 0))
            {
                return [];
            }
            double k = 2 * VectorMath.Dot(f, b) / energy;
            _coefficients.AsSpan(0, m).CopyTo(_before);
            for (int i = 0; i < m; i++)
            {
                _coefficients[i] = _before[i] - (k * _before[m - 1 - i]);
            }
            _coefficients[m] = k;
            VectorMath.Reflect(f, b, k);
        }
        return _coefficients;
    }
}
