using System.Numerics;
using System.Runtime.CompilerServices;

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

    /// <summary>Bins 0 … size / 2 of several real frames.</summary>
    /// <param name="frames">Sample i of each frame.</param>
    /// <param name="re">Receives the real parts, size / 2 + 1 bins of each frame.</param>
    /// <param name="im">Receives the imaginary parts.</param>
    public void Transform(
        ReadOnlySpan<Vector<double>> frames, Span<Vector<double>> re, Span<Vector<double>> im)
    {
        for (int i = 0; i < _half; i++)
        {
            _re[i] = frames[2 * i];
            _im[i] = frames[2 * i + 1];
        }
        Transform();
        for (int bin = 0; bin <= _half; bin++)
        {
            (re[bin], im[bin]) = Bin(bin);
        }
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
            (Vector<double> re, Vector<double> im) = Bin(bin);
            power[bin] = re * re + im * im;
        }
    }

    /// <summary>A bin of each frame, from the transform of the half as many complex values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector<double> Re, Vector<double> Im) Bin(int bin)
    {
        // X[k] = E[k] + w^k O[k], E and O the spectra of the even and odd samples, from Z = E + iO.
        int low = bin == _half ? 0 : bin;
        int high = bin == 0 ? 0 : _half - bin;
        Vector<double> evenRe = (_re[low] + _re[high]) * 0.5;
        Vector<double> evenIm = (_im[low] - _im[high]) * 0.5;
        Vector<double> oddRe = (_im[low] + _im[high]) * 0.5;
        Vector<double> oddIm = (_re[high] - _re[low]) * 0.5;
        double cosine = _cosines[bin];
        double sine = _sines[bin];
        return (evenRe + oddRe * cosine - oddIm * sine, evenIm + oddRe * sine + oddIm * cosine);
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
        if (radix == 4)
        {
            PassOfFour(done);
            return;
        }
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
                    int turn = j * k * blocks * 2;
                    Vector<double> a = _re[from + j * apart];
                    Vector<double> b = _im[from + j * apart];
                    re[j] = a * _cosines[turn] - b * _sines[turn];
                    im[j] = a * _sines[turn] + b * _cosines[turn];
                }
                Butterfly(radix, re, im, to, done);
            }
        }
    }

    private void PassOfFour(int done)
    {
        int blocks = _half / (4 * done);
        int apart = _half / 4;
        Vector<double>[] fromRe = _re, fromIm = _im, toRe = _otherRe, toIm = _otherIm;
        for (int k = 0; k < done; k++)
        {
            // Twiddles exp(-2πi jk / (4 done)), in the table of `Size` steps.
            int turn = k * blocks * 2;
            var cosine1 = new Vector<double>(_cosines[turn]);
            var sine1 = new Vector<double>(_sines[turn]);
            var cosine2 = new Vector<double>(_cosines[2 * turn]);
            var sine2 = new Vector<double>(_sines[2 * turn]);
            var cosine3 = new Vector<double>(_cosines[3 * turn]);
            var sine3 = new Vector<double>(_sines[3 * turn]);
            for (int block = 0; block < blocks; block++)
            {
                int from = block * done + k;
                int to = block * done * 4 + k;
                Vector<double> re0 = fromRe[from], im0 = fromIm[from];
                Vector<double> a = fromRe[from + apart], b = fromIm[from + apart];
                Vector<double> re1 = a * cosine1 - b * sine1, im1 = a * sine1 + b * cosine1;
                a = fromRe[from + 2 * apart];
                b = fromIm[from + 2 * apart];
                Vector<double> re2 = a * cosine2 - b * sine2, im2 = a * sine2 + b * cosine2;
                a = fromRe[from + 3 * apart];
                b = fromIm[from + 3 * apart];
                Vector<double> re3 = a * cosine3 - b * sine3, im3 = a * sine3 + b * cosine3;
                Vector<double> sumRe = re0 + re2, sumIm = im0 + im2, differenceRe = re0 - re2,
                    differenceIm = im0 - im2;
                Vector<double> oddSumRe = re1 + re3, oddSumIm = im1 + im3, oddDifferenceRe = re1 - re3,
                    oddDifferenceIm = im1 - im3;
                toRe[to] = sumRe + oddSumRe;
                toIm[to] = sumIm + oddSumIm;
                toRe[to + done] = differenceRe + oddDifferenceIm;
                toIm[to + done] = differenceIm - oddDifferenceRe;
                toRe[to + 2 * done] = sumRe - oddSumRe;
                toIm[to + 2 * done] = sumIm - oddSumIm;
                toRe[to + 3 * done] = differenceRe - oddDifferenceIm;
                toIm[to + 3 * done] = differenceIm + oddDifferenceRe;
            }
        }
    }

    private void Butterfly(int radix, ReadOnlySpan<Vector<double>> re, ReadOnlySpan<Vector<double>> im, int to,
        int step)
    {
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
