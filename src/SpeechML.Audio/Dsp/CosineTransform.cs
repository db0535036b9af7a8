using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>
/// The modified discrete cosine transform (Princen, Johnson, Bradley 1987): N lines of 2N samples. With a window whose
/// square and its shifted square add up
/// to 1, applied before and after, overlapping frames give the signal back. Not thread-safe.
/// </summary>
internal sealed class CosineTransform
{
    private readonly int _lines;
    private readonly FourierTransform _transform;
    private readonly Complex[] _spectrum;
    private readonly double[] _part;
    private readonly Complex[] _bySample; // exp(-iπ/N n / 2)
    private readonly Complex[] _byLine; // exp(-iπ/N n0 k)
    private readonly Complex _offset; // exp(-iπ/N n0 / 2)

    /// <param name="lines">N, a power of two.</param>
    public CosineTransform(int lines)
    {
        _lines = lines;
        _transform = new FourierTransform(2 * lines);
        _spectrum = new Complex[2 * lines];
        _part = new double[2 * lines];
        double n0 = (lines + 1) / 2.0;
        Complex Turn(double steps) => Complex.FromPolarCoordinates(1, -Math.PI * steps / lines);
        _bySample = [.. Enumerable.Range(0, 2 * lines).Select(n => Turn(n * 0.5))];
        _byLine = [.. Enumerable.Range(0, lines).Select(k => Turn(n0 * k))];
        _offset = Turn(n0 * 0.5);
    }

    /// <summary><c>X[k] = Σ x[n] cos(π/N (n + n0)(k + 1/2))</c>, <c>n0 = (N + 1) / 2</c>.</summary>
    public void Forward(ReadOnlySpan<double> frame, Span<double> result)
    {
        Sum(frame, _bySample);
        for (int k = 0; k < _lines; k++)
        {
            result[k] = (_spectrum[k] * _byLine[k] * _offset).Real;
        }
    }

    /// <summary>The other way, scaled so that windowed and overlapped frames add up to the signal.</summary>
    public void Inverse(ReadOnlySpan<double> values, Span<double> frame)
    {
        Sum(values, _byLine);
        for (int n = 0; n < 2 * _lines; n++)
        {
            frame[n] = (_spectrum[n] * _bySample[n] * _offset).Real * 2 / _lines;
        }
    }

    /// <summary>The Fourier transform of real values times turning factors, real and imaginary parts apart.</summary>
    private void Sum(ReadOnlySpan<double> values, Complex[] factors)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < values.Length; i++)
            {
                _part[i] = values[i] * (pass == 0 ? factors[i].Real : factors[i].Imaginary);
            }
            _part.AsSpan(values.Length).Clear();
            ReadOnlySpan<Complex> part = _transform.Transform(_part);
            for (int i = 0; i < part.Length; i++)
            {
                _spectrum[i] = pass == 0 ? part[i] : _spectrum[i] + (Complex.ImaginaryOne * part[i]);
            }
        }
    }
}
