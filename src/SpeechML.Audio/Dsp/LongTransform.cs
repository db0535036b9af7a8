using System.Numerics;
using System.Runtime.InteropServices;

namespace SpeechML.Audio.Dsp;

/// <summary>
/// Fourier transform of one long real signal and back: its samples are dealt out to the lanes of a
/// <see cref="FourierTransform"/>, whose spectra one more pass joins. Not thread-safe: it owns its work space.
/// </summary>
internal sealed class LongTransform
{
    private readonly FourierTransform _parts;
    private readonly double[] _samples;
    private readonly Vector<double>[] _partRe;
    private readonly Vector<double>[] _partIm;
    private readonly Complex[] _turns;

    /// <param name="size">The length of a signal, a power of two and at least <see cref="MinSize"/>.</param>
    public LongTransform(int size)
    {
        if (size < MinSize || !BitOperations.IsPow2(size))
        {
            throw new ArgumentOutOfRangeException(nameof(size), size,
                $"Signal length of the Fourier transform: expected a power of two of at least {MinSize}.");
        }
        Size = size;
        int part = size / FourierTransform.Lanes;
        _parts = new FourierTransform(part);
        _samples = new double[size];
        _partRe = new Vector<double>[(part / 2) + 1];
        _partIm = new Vector<double>[(part / 2) + 1];
        _turns = new Complex[(part / 2) + 1];
        for (int k = 0; k < _turns.Length; k++)
        {
            (double sine, double cosine) = Math.SinCos(-2 * Math.PI * k / size);
            _turns[k] = new Complex(cosine, sine);
        }
        Re = new double[(size / 2) + 1];
        Im = new double[(size / 2) + 1];
    }

    /// <summary>The shortest signal.</summary>
    public static int MinSize => 2 * FourierTransform.Lanes;

    /// <summary>The length of a signal.</summary>
    public int Size { get; }

    /// <summary>Real parts of bins 0 … size / 2: what a transform gives, and what its inverse takes.</summary>
    public double[] Re { get; }

    /// <summary>Imaginary parts of the same bins.</summary>
    public double[] Im { get; }

    /// <summary>The spectrum of a signal, followed by zeros where it is shorter than the size.</summary>
    public void Forward(ReadOnlySpan<double> signal)
    {
        signal.CopyTo(_samples);
        _samples.AsSpan(signal.Length).Clear();
        Forward();
    }

    /// <summary>The real signal whose bins <see cref="Re"/> and <see cref="Im"/> hold; they are overwritten.</summary>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<double> Inverse()
    {
        // The Hartley transform, Re X - Im X, is its own inverse up to the length (Bracewell 1983).
        int half = Size / 2;
        _samples[0] = Re[0];
        _samples[half] = Re[half];
        for (int k = 1; k < half; k++)
        {
            _samples[k] = Re[k] - Im[k];
            _samples[Size - k] = Re[k] + Im[k];
        }
        Forward();
        _samples[0] = Re[0] / Size;
        _samples[half] = Re[half] / Size;
        for (int k = 1; k < half; k++)
        {
            _samples[k] = (Re[k] - Im[k]) / Size;
            _samples[Size - k] = (Re[k] + Im[k]) / Size;
        }
        return _samples;
    }

    private void Forward()
    {
        _parts.Transform(MemoryMarshal.Cast<double, Vector<double>>(_samples), _partRe, _partIm);
        ReadOnlySpan<double> re = MemoryMarshal.Cast<Vector<double>, double>(_partRe);
        ReadOnlySpan<double> im = MemoryMarshal.Cast<Vector<double>, double>(_partIm);
        int lanes = FourierTransform.Lanes;
        int part = Size / lanes;
        Span<Complex> turned = stackalloc Complex[lanes];
        Span<Complex> unit = stackalloc Complex[lanes];
        for (int j = 0; j < lanes; j++)
        {
            (double sine, double cosine) = Math.SinCos(-2 * Math.PI * j / lanes);
            unit[j] = new Complex(cosine, sine);
        }
        for (int k = 0; k < _turns.Length; k++)
        {
            // X[k + q part] = Σ_l exp(-2πi lk / size) exp(-2πi lq / lanes) X_l[k]
            Complex turn = Complex.One;
            for (int l = 0; l < lanes; l++)
            {
                turned[l] = new Complex(re[(k * lanes) + l], im[(k * lanes) + l]) * turn;
                turn *= _turns[k];
            }
            if (lanes == 4)
            {
                Complex sum = turned[0] + turned[2], difference = turned[0] - turned[2];
                Complex oddSum = turned[1] + turned[3], odd = turned[1] - turned[3];
                var turnedOdd = new Complex(odd.Imaginary, -odd.Real); // -i odd
                Put(k, sum + oddSum);
                Put(k + part, difference + turnedOdd);
                Put(k + (2 * part), sum - oddSum);
                Put(k + (3 * part), difference - turnedOdd);
                continue;
            }
            for (int q = 0; q < lanes; q++)
            {
                Complex sum = Complex.Zero;
                for (int l = 0; l < lanes; l++)
                {
                    sum += turned[l] * unit[l * q % lanes];
                }
                Put(k + (q * part), sum);
            }
        }
    }

    /// <summary>Keeps a bin, or its mirror image.</summary>
    private void Put(int bin, Complex value)
    {
        bool mirrored = bin > Size / 2;
        int at = mirrored ? Size - bin : bin;
        Re[at] = value.Real;
        Im[at] = mirrored ? -value.Imaginary : value.Imaginary;
    }
}
