using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>
/// Fourier transform of real frames: power spectra of several at once, one per lane of a <see cref="Vector{T}"/>, so
/// that every step is a
/// vector instruction, or the spectrum of a single one. Stockham's self-sorting mixed-radix algorithm in double
/// precision; a frame of N real values is transformed as N / 2
/// complex ones. Not thread-safe: it owns its work space.
/// </summary>
internal sealed class FourierTransform
{
    private readonly int _half;
    private readonly int[] _radices;
    private readonly double[] _cosines;
    private readonly double[] _sines;
    private Vector<double>[] _re;
    private Vector<double>[] _im;
    private Vector<double>[] _otherRe;
    private Vector<double>[] _otherIm;
    private Complex[]? _spectrum;

    /// <param name="size">Frame length; even, its half a product of 2, 3, 4, 5 and other small primes.</param>
    public FourierTransform(int size)
    {
        if (size < 2 || size % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size,
                "Frame length of the Fourier transform: expected an even number.");
        }
        Size = size;
        _half = size / 2;
        _radices = Factors(_half);
        _cosines = new double[size];
        _sines = new double[size];
        for (int i = 0; i < size; i++)
        {
            (_sines[i], _cosines[i]) = Math.SinCos(-2 * Math.PI * i / size);
        }
        _re = new Vector<double>[_half];
        _im = new Vector<double>[_half];
        _otherRe = new Vector<double>[_half];
        _otherIm = new Vector<double>[_half];
    }

    /// <summary>Frames per call.</summary>
    public static int Lanes => Vector<double>.Count;

    /// <summary>Frame length.</summary>
    public int Size { get; }

    /// <summary>
    /// All <see cref="Size"/> bins of one real frame, followed by zeros where it is shorter. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<Complex> Transform(ReadOnlySpan<double> frame)
    {
        double At(ReadOnlySpan<double> values, int i) => i < values.Length ? values[i] : 0;
        for (int i = 0; i < _half; i++)
        {
            _re[i] = new Vector<double>(At(frame, 2 * i));
            _im[i] = new Vector<double>(At(frame, (2 * i) + 1));
        }
        Transform();
        _spectrum ??= new Complex[Size];
        for (int bin = 0; bin <= _half; bin++)
        {
            Complex low = new(_re[bin % _half][0], _im[bin % _half][0]);
            int mirror = (_half - bin) % _half;
            Complex high = new(_re[mirror][0], -_im[mirror][0]);
            // X[k] = E[k] + w^k O[k], as in Power.
            Complex odd = (low - high) * new Complex(0, -0.5);
            _spectrum[bin] = ((low + high) * 0.5) + (odd * new Complex(_cosines[bin], _sines[bin]));
            if (bin > 0 && bin < _half)
            {
                _spectrum[Size - bin] = Complex.Conjugate(_spectrum[bin]);
            }
        }
        return _spectrum;
    }

    /// <summary>Squared magnitudes of bins 0 … size / 2.</summary>
    /// <param name="frames">Sample i of each frame.</param>
    /// <param name="power">Receives size / 2 + 1 bins of each frame.</param>
    public void Power(ReadOnlySpan<Vector<double>> frames, Span<Vector<double>> power)
    {
        for (int i = 0; i < _half; i++)
        {
            _re[i] = frames[2 * i];
            _im[i] = frames[2 * i + 1];
        }
        Transform();
        for (int bin = 0; bin <= _half; bin++)
        {
            // X[k] = E[k] + w^k O[k], E and O the spectra of the even and odd samples, from Z = E + iO.
            int low = bin % _half;
            int high = (_half - bin) % _half;
            Vector<double> evenRe = (_re[low] + _re[high]) * 0.5;
            Vector<double> evenIm = (_im[low] - _im[high]) * 0.5;
            Vector<double> oddRe = (_im[low] + _im[high]) * 0.5;
            Vector<double> oddIm = (_re[high] - _re[low]) * 0.5;
            double cosine = _cosines[bin];
            double sine = _sines[bin];
            Vector<double> re = evenRe + oddRe * cosine - oddIm * sine;
            Vector<double> im = evenIm + oddRe * sine + oddIm * cosine;
            power[bin] = re * re + im * im;
        }
    }

    private static int[] Factors(int number)
    {
        var factors = new List<int>();
        foreach (int radix in new[] { 4, 2, 3, 5 })
        {
            for (; number % radix == 0; number /= radix)
            {
                factors.Add(radix);
            }
        }
        for (int radix = 7; number > 1; radix += 2)
        {
            for (; number % radix == 0; number /= radix)
            {
                factors.Add(radix);
            }
        }
        return [.. factors];
    }

    private void Transform()
    {
        // After the pass of radix r, groups of `done * r` values hold finished transforms of that length.
        int done = 1;
        foreach (int radix in _radices)
        {
            Pass(radix, done);
            done *= radix;
            (_re, _otherRe) = (_otherRe, _re);
            (_im, _otherIm) = (_otherIm, _im);
        }
    }

    private void Pass(int radix, int done)
    {
        int blocks = _half / (radix * done);
        int apart = _half / radix;
        Span<Vector<double>> re = stackalloc Vector<double>[radix];
        Span<Vector<double>> im = stackalloc Vector<double>[radix];
        for (int k = 0; k < done; k++)
        {
            for (int block = 0; block < blocks; block++)
            {
                int from = block * done + k;
                int to = block * done * radix + k;
                for (int j = 0; j < radix; j++)
                {
                    // Twiddle exp(-2πi jk / (done * radix)), in the table of `Size` steps.
                    int turn = (int)((long)j * k * blocks * 2 % Size);
                    Vector<double> a = _re[from + j * apart];
                    Vector<double> b = _im[from + j * apart];
                    re[j] = a * _cosines[turn] - b * _sines[turn];
                    im[j] = a * _sines[turn] + b * _cosines[turn];
                }
                Butterfly(radix, re, im, to, done);
            }
        }
    }

    private void Butterfly(int radix, ReadOnlySpan<Vector<double>> re, ReadOnlySpan<Vector<double>> im, int to,
        int step)
    {
        if (radix == 4)
        {
            Vector<double> sumRe = re[0] + re[2], sumIm = im[0] + im[2], differenceRe = re[0] - re[2],
                differenceIm = im[0] - im[2];
            Vector<double> oddSumRe = re[1] + re[3], oddSumIm = im[1] + im[3], oddDifferenceRe = re[1] - re[3],
                oddDifferenceIm = im[1] - im[3];
            (_otherRe[to], _otherIm[to]) = (sumRe + oddSumRe, sumIm + oddSumIm);
            (_otherRe[to + step], _otherIm[to + step]) =
                (differenceRe + oddDifferenceIm, differenceIm - oddDifferenceRe);
            (_otherRe[to + 2 * step], _otherIm[to + 2 * step]) = (sumRe - oddSumRe, sumIm - oddSumIm);
            (_otherRe[to + 3 * step], _otherIm[to + 3 * step]) =
                (differenceRe - oddDifferenceIm, differenceIm + oddDifferenceRe);
            return;
        }
        int turn = Size / radix;
        for (int q = 0; q < radix; q++)
        {
            Vector<double> sumRe = re[0];
            Vector<double> sumIm = im[0];
            for (int j = 1; j < radix; j++)
            {
                // exp(-2πi jq / radix); radix divides size / 2, hence size.
                double cosine = _cosines[j * q % radix * turn];
                double sine = _sines[j * q % radix * turn];
                sumRe += re[j] * cosine - im[j] * sine;
                sumIm += re[j] * sine + im[j] * cosine;
            }
            _otherRe[to + q * step] = sumRe;
            _otherIm[to + q * step] = sumIm;
        }
    }
}
