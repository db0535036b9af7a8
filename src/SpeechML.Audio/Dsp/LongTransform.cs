using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    private readonly double[] _turnRe;
    private readonly double[] _turnIm;

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
        _turnRe = Array.ConvertAll(_turns, t => t.Real);
        _turnIm = Array.ConvertAll(_turns, t => t.Imaginary);
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

    /// <summary>Where a signal may be put, as many samples as the size.</summary>
    public Span<double> Samples => _samples;

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
        Hartley(1);
        Forward();
        Hartley(1.0 / Size); // a power of two
        return _samples;
    }

    /// <summary>Re X - Im X times a factor, into the samples.</summary>
    private void Hartley(double factor)
    {
        int half = Size / 2, k = 1;
        _samples[0] = Re[0] * factor;
        _samples[half] = Re[half] * factor;
        for (; k + 4 <= half; k += 4)
        {
            Vector256<double> re = Vector256.Create(Re, k), im = Vector256.Create(Im, k);
            ((re - im) * factor).CopyTo(_samples, k);
            Reverse((re + im) * factor).CopyTo(_samples, Size - k - 3);
        }
        for (; k < half; k++)
        {
            _samples[k] = (Re[k] - Im[k]) * factor;
            _samples[Size - k] = (Re[k] + Im[k]) * factor;
        }
    }

    private static Vector256<double> Reverse(Vector256<double> values) =>
        Vector256.Shuffle(values, Vector256.Create(3L, 2, 1, 0));

    /// <summary>The spectrum of <see cref="Samples"/>, which are overwritten.</summary>
    public void Forward()
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
        int joined = lanes == 4 && Avx.IsSupported ? JoinFour(re, im) : 1;
        for (int i = 0; i < _turns.Length; i++)
        {
            // Bins 1 to joined - 1 are done.
            int k = i == 0 ? 0 : i + joined - 1;
            if (k >= _turns.Length)
            {
                break;
            }
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

    /// <summary>
    /// What <see cref="Forward()"/> does bin by bin, to the bit, for four at a time from bin 1 on. The first bin of the
    /// parts and the last have mirror images of their own.
    /// </summary>
    /// <returns>The bin behind the last that was done.</returns>
    private int JoinFour(ReadOnlySpan<double> re, ReadOnlySpan<double> im)
    {
        int part = Size / 4, k = 1;
        for (; k + 4 <= part / 2; k += 4)
        {
            (Vector256<double> re0, Vector256<double> re1, Vector256<double> re2, Vector256<double> re3) =
                Transposed(re.Slice(4 * k, 16));
            (Vector256<double> im0, Vector256<double> im1, Vector256<double> im2, Vector256<double> im3) =
                Transposed(im.Slice(4 * k, 16));
            Vector256<double> c = Vector256.Create(_turnRe, k), s = Vector256.Create(_turnIm, k);
            Vector256<double> c2 = (c * c) - (s * s), s2 = (s * c) + (c * s);
            Vector256<double> c3 = (c2 * c) - (s2 * s), s3 = (s2 * c) + (c2 * s);
            (re1, im1) = ((re1 * c) - (im1 * s), (im1 * c) + (re1 * s));
            (re2, im2) = ((re2 * c2) - (im2 * s2), (im2 * c2) + (re2 * s2));
            (re3, im3) = ((re3 * c3) - (im3 * s3), (im3 * c3) + (re3 * s3));
            Vector256<double> sumRe = re0 + re2, sumIm = im0 + im2, differenceRe = re0 - re2, differenceIm = im0 - im2;
            Vector256<double> oddSumRe = re1 + re3, oddSumIm = im1 + im3, oddRe = re1 - re3, oddIm = im1 - im3;
            (sumRe + oddSumRe).CopyTo(Re, k);
            (sumIm + oddSumIm).CopyTo(Im, k);
            (differenceRe + oddIm).CopyTo(Re, k + part);
            (differenceIm - oddRe).CopyTo(Im, k + part);
            // The mirror images of bins k + 2 part and k + 3 part.
            Reverse(sumRe - oddSumRe).CopyTo(Re, (2 * part) - k - 3);
            Reverse(-(sumIm - oddSumIm)).CopyTo(Im, (2 * part) - k - 3);
            Reverse(differenceRe - oddIm).CopyTo(Re, part - k - 3);
            Reverse(-(differenceIm + oddRe)).CopyTo(Im, part - k - 3);
        }
        return k;
    }

    /// <summary>Four rows of four values by columns.</summary>
    private static (Vector256<double> A, Vector256<double> B, Vector256<double> C, Vector256<double> D) Transposed(
        ReadOnlySpan<double> rows)
    {
        Vector256<double> row0 = Vector256.Create(rows), row1 = Vector256.Create(rows[4..]);
        Vector256<double> row2 = Vector256.Create(rows[8..]), row3 = Vector256.Create(rows[12..]);
        Vector256<double> even01 = Avx.UnpackLow(row0, row1), odd01 = Avx.UnpackHigh(row0, row1);
        Vector256<double> even23 = Avx.UnpackLow(row2, row3), odd23 = Avx.UnpackHigh(row2, row3);
        return (Avx.Permute2x128(even01, even23, 0x20), Avx.Permute2x128(odd01, odd23, 0x20),
            Avx.Permute2x128(even01, even23, 0x31), Avx.Permute2x128(odd01, odd23, 0x31));
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
