using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
        (re[0], im[0]) = Bin(0);
        for (int bin = 1; 2 * bin <= _half; bin++)
        {
            Pair(bin, out re[bin], out im[bin], out re[_half - bin], out im[_half - bin]);
        }
        (re[_half], im[_half]) = Bin(_half);
    }

    /// <summary>The real parts of bins 0 … size / 2: all there is where the frames are even.</summary>
    /// <param name="frames">Sample i of each frame.</param>
    /// <param name="re">Receives size / 2 + 1 bins of each frame.</param>
    public void Real(ReadOnlySpan<Vector<double>> frames, Span<Vector<double>> re)
    {
        for (int i = 0; i < _half; i++)
        {
            _re[i] = frames[2 * i];
            _im[i] = frames[2 * i + 1];
        }
        Transform();
        (re[0], _) = Bin(0);
        for (int bin = 1; 2 * bin <= _half; bin++)
        {
            Pair(bin, out re[bin], out _, out re[_half - bin], out _);
        }
        (re[_half], _) = Bin(_half);
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
        foreach (int bin in (ReadOnlySpan<int>)[0, _half])
        {
            (Vector<double> re, Vector<double> im) = Bin(bin);
            power[bin] = re * re + im * im;
        }
        for (int bin = 1; 2 * bin <= _half; bin++)
        {
            Pair(bin, out Vector<double> re, out Vector<double> im, out Vector<double> otherRe,
                out Vector<double> otherIm);
            power[bin] = re * re + im * im;
            power[_half - bin] = otherRe * otherRe + otherIm * otherIm;
        }
    }

    /// <summary>Two bins that mirror one another about half of the half, each as <see cref="Bin"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pair(int bin, out Vector<double> re, out Vector<double> im, out Vector<double> otherRe,
        out Vector<double> otherIm)
    {
        int mirror = _half - bin;
        Vector<double> lowRe = _re[bin], lowIm = _im[bin], highRe = _re[mirror], highIm = _im[mirror];
        Vector<double> evenRe = (lowRe + highRe) * 0.5, evenIm = (lowIm - highIm) * 0.5;
        Vector<double> oddRe = (lowIm + highIm) * 0.5, oddIm = (highRe - lowRe) * 0.5;
        double cosine = _cosines[bin], sine = _sines[bin];
        double otherCosine = _cosines[mirror], otherSine = _sines[mirror];
        otherRe = evenRe + oddRe * otherCosine + oddIm * otherSine;
        otherIm = oddRe * otherSine - evenIm - oddIm * otherCosine;
        re = evenRe + oddRe * cosine - oddIm * sine;
        im = evenIm + oddRe * sine + oddIm * cosine;
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
        if (radix == 2)
        {
            PassOfTwo(done);
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

    /// <summary>What <see cref="Pass"/> and <see cref="Butterfly"/> do for two, to the bit.</summary>
    private void PassOfTwo(int done)
    {
        int blocks = _half / (2 * done), apart = _half / 2;
        // exp(-πi) as the table has it
        double half = _cosines[_half], halfSine = _sines[_half];
        ref Vector<double> fromRe = ref MemoryMarshal.GetArrayDataReference(_re);
        ref Vector<double> fromIm = ref MemoryMarshal.GetArrayDataReference(_im);
        ref Vector<double> toRe = ref MemoryMarshal.GetArrayDataReference(_otherRe);
        ref Vector<double> toIm = ref MemoryMarshal.GetArrayDataReference(_otherIm);
        for (int k = 0; k < done; k++)
        {
            int turn = k * blocks * 2;
            double cosine = _cosines[turn], sine = _sines[turn];
            for (int block = 0; block < blocks; block++)
            {
                int from = (block * done) + k, to = (block * done * 2) + k;
                Vector<double> re0 = Unsafe.Add(ref fromRe, from), im0 = Unsafe.Add(ref fromIm, from);
                Vector<double> a = Unsafe.Add(ref fromRe, from + apart), b = Unsafe.Add(ref fromIm, from + apart);
                Vector<double> re1 = a * cosine - b * sine, im1 = a * sine + b * cosine;
                Unsafe.Add(ref toRe, to) = re0 + re1;
                Unsafe.Add(ref toIm, to) = im0 + im1;
                Unsafe.Add(ref toRe, to + done) = re0 + (re1 * half - im1 * halfSine);
                Unsafe.Add(ref toIm, to + done) = im0 + (re1 * halfSine + im1 * half);
            }
        }
    }

    /// <summary>The first pass of four, in which nothing is turned.</summary>
    private void FirstOfFour()
    {
        int apart = _half / 4;
        ref Vector<double> fromRe = ref MemoryMarshal.GetArrayDataReference(_re);
        ref Vector<double> fromIm = ref MemoryMarshal.GetArrayDataReference(_im);
        ref Vector<double> toRe = ref MemoryMarshal.GetArrayDataReference(_otherRe);
        ref Vector<double> toIm = ref MemoryMarshal.GetArrayDataReference(_otherIm);
        for (int from = 0, to = 0; from < apart; from++, to += 4)
        {
            Vector<double> re0 = Unsafe.Add(ref fromRe, from), re1 = Unsafe.Add(ref fromRe, from + apart);
            Vector<double> re2 = Unsafe.Add(ref fromRe, from + (2 * apart)),
                re3 = Unsafe.Add(ref fromRe, from + (3 * apart));
            Vector<double> im0 = Unsafe.Add(ref fromIm, from), im1 = Unsafe.Add(ref fromIm, from + apart);
            Vector<double> im2 = Unsafe.Add(ref fromIm, from + (2 * apart)),
                im3 = Unsafe.Add(ref fromIm, from + (3 * apart));
            Vector<double> sumRe = re0 + re2, sumIm = im0 + im2, differenceRe = re0 - re2, differenceIm = im0 - im2;
            Vector<double> oddSumRe = re1 + re3, oddSumIm = im1 + im3, oddDifferenceRe = re1 - re3,
                oddDifferenceIm = im1 - im3;
            Unsafe.Add(ref toRe, to) = sumRe + oddSumRe;
            Unsafe.Add(ref toIm, to) = sumIm + oddSumIm;
            Unsafe.Add(ref toRe, to + 1) = differenceRe + oddDifferenceIm;
            Unsafe.Add(ref toIm, to + 1) = differenceIm - oddDifferenceRe;
            Unsafe.Add(ref toRe, to + 2) = sumRe - oddSumRe;
            Unsafe.Add(ref toIm, to + 2) = sumIm - oddSumIm;
            Unsafe.Add(ref toRe, to + 3) = differenceRe - oddDifferenceIm;
            Unsafe.Add(ref toIm, to + 3) = differenceIm + oddDifferenceRe;
        }
    }

    private void PassOfFour(int done)
    {
        if (done == 1)
        {
            FirstOfFour();
            return;
        }
        int blocks = _half / (4 * done);
        int apart = _half / 4;
        // All four arrays have _half values, which the indices below stay under.
        ref Vector<double> fromRe = ref MemoryMarshal.GetArrayDataReference(_re);
        ref Vector<double> fromIm = ref MemoryMarshal.GetArrayDataReference(_im);
        ref Vector<double> toRe = ref MemoryMarshal.GetArrayDataReference(_otherRe);
        ref Vector<double> toIm = ref MemoryMarshal.GetArrayDataReference(_otherIm);
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
                int from = (block * done) + k, to = (block * done * 4) + k;
                Vector<double> re0 = Unsafe.Add(ref fromRe, from), im0 = Unsafe.Add(ref fromIm, from);
                Vector<double> a = Unsafe.Add(ref fromRe, from + apart), b = Unsafe.Add(ref fromIm, from + apart);
                Vector<double> re1 = a * cosine1 - b * sine1, im1 = a * sine1 + b * cosine1;
                a = Unsafe.Add(ref fromRe, from + (2 * apart));
                b = Unsafe.Add(ref fromIm, from + (2 * apart));
                Vector<double> re2 = a * cosine2 - b * sine2, im2 = a * sine2 + b * cosine2;
                a = Unsafe.Add(ref fromRe, from + (3 * apart));
                b = Unsafe.Add(ref fromIm, from + (3 * apart));
                Vector<double> re3 = a * cosine3 - b * sine3, im3 = a * sine3 + b * cosine3;
                Vector<double> sumRe = re0 + re2, sumIm = im0 + im2, differenceRe = re0 - re2,
                    differenceIm = im0 - im2;
                Vector<double> oddSumRe = re1 + re3, oddSumIm = im1 + im3, oddDifferenceRe = re1 - re3,
                    oddDifferenceIm = im1 - im3;
                Unsafe.Add(ref toRe, to) = sumRe + oddSumRe;
                Unsafe.Add(ref toIm, to) = sumIm + oddSumIm;
                Unsafe.Add(ref toRe, to + done) = differenceRe + oddDifferenceIm;
                Unsafe.Add(ref toIm, to + done) = differenceIm - oddDifferenceRe;
                Unsafe.Add(ref toRe, to + (2 * done)) = sumRe - oddSumRe;
                Unsafe.Add(ref toIm, to + (2 * done)) = sumIm - oddSumIm;
                Unsafe.Add(ref toRe, to + (3 * done)) = differenceRe - oddDifferenceIm;
                Unsafe.Add(ref toIm, to + (3 * done)) = differenceIm + oddDifferenceRe;
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
