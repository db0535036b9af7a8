using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>
/// Fourier transform of real signals and back. The way back uses the forward transform only: the Hartley transform, Re
/// X - Im X, is its own inverse up to
/// the length (Bracewell 1983). Not thread-safe.
/// </summary>
internal sealed class RealTransform(int size)
{
    private readonly FourierTransform _transform = new(size);
    private readonly double[] _work = new double[size];

    /// <summary>The length of a frame, even.</summary>
    public int Size => size;

    /// <summary>
    /// Bins 0 … size / 2 of values, followed by zeros where they are fewer than the size. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<Complex> Forward(ReadOnlySpan<double> values) =>
        _transform.Transform(values)[..((size / 2) + 1)];

    /// <summary>The real signal with the given bins 0 … size / 2.</summary>
    public void Inverse(ReadOnlySpan<Complex> bins, Span<double> values)
    {
        for (int k = 0; k <= size / 2; k++)
        {
            _work[k] = bins[k].Real - bins[k].Imaginary;
            if (k > 0)
            {
                _work[size - k] = bins[k].Real + bins[k].Imaginary;
            }
        }
        // The Nyquist bin, its own mirror image, is real.
        _work[size / 2] = bins[size / 2].Real;
        ReadOnlySpan<Complex> hartley = _transform.Transform(_work);
        for (int i = 0; i < size; i++)
        {
            values[i] = (hartley[i].Real - hartley[i].Imaginary) / size;
        }
    }
}
