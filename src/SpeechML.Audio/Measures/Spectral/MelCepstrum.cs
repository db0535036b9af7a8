using System.Numerics;
using System.Runtime.InteropServices;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>Mel-frequency cepstral coefficients.</summary>
internal static class MelCepstrum
{
    private const double LeastPower = 1e-10;

    public static MfccContour Track(SampleSignal signal, MfccOptions options)
    {
        int rate = (int)signal.Rate;
        int size = (int)Math.Round(options.Window * rate);
        int hop = (int)Math.Round(options.Hop * rate);
        double[][] coefficients = new double[options.Count][];
        if (size < 2 || hop < 1 || signal.Length == 0)
        {
            Array.Fill(coefficients, []);
            return new MfccContour(options.Hop, coefficients);
        }
        int frames = checked((int)(1 + (((signal.Length + (2 * (size / 2))) - size) / hop)));
        double[] mel = MelLevels(signal, options, size, hop, frames);
        double floor = mel.Max() - options.TopDb;
        double[] basis = new double[options.Filters];
        for (int c = 0; c < options.Count; c++)
        {
            double scale = Math.Sqrt((c == 0 ? 1.0 : 2.0) / options.Filters);
            for (int m = 0; m < basis.Length; m++)
            {
                basis[m] = Math.Cos(Math.PI / options.Filters * (m + 0.5) * c) * scale;
            }
            coefficients[c] = new double[frames];
            for (int k = 0; k < frames; k++)
            {
                double sum = 0;
                for (int m = 0; m < basis.Length; m++)
                {
                    sum += basis[m] * Math.Max(mel[(k * basis.Length) + m], floor);
                }
                coefficients[c][k] = sum;
            }
        }
        return new MfccContour(hop / (double)rate, coefficients);
    }

    /// <summary>The level of each mel filter in each frame (dB), <c>[frame][filter]</c>.</summary>
    private static double[] MelLevels(SampleSignal signal, MfccOptions options, int size, int hop, int frames)
    {
        int rate = (int)signal.Rate;
        (int First, double[] Weights)[] filters = MelFilterBank.Bands(MelFilterBank.Slaney(
            [.. Enumerable.Range(0, (size / 2) + 1).Select(bin => bin * (double)rate / size)], options.Filters,
            rate / 2.0));
        double[] levels = new double[checked(frames * filters.Length)];
        double[] window = new double[size];
        for (int i = 0; i < size; i++)
        {
            window[i] = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / size));
        }
        var spectra = new PowerSpectra(size);
        double[] frame = new double[size];
        double[] power = new double[(size / 2) + 1];
        int lanes = FourierTransform.Lanes;
        for (int first = 0; first < frames; first += lanes)
        {
            int count = Math.Min(lanes, frames - first);
            for (int k = 0; k < count; k++)
            {
                signal.Copy(((long)(first + k) * hop) - (size / 2), frame);
                VectorMath.Multiply(frame, window);
                spectra.Put(k, frame);
            }
            spectra.Transform(count);
            for (int k = 0; k < count; k++)
            {
                spectra.Get(k, power);
                for (int m = 0; m < filters.Length; m++)
                {
                    double sum = VectorMath.Dot(filters[m].Weights, power.AsSpan(filters[m].First));
                    levels[((first + k) * filters.Length) + m] = 10 * Math.Log10(Math.Max(sum, LeastPower));
                }
            }
        }
        return levels;
    }

    /// <summary>
    /// Power spectra of several frames of any length: where that is odd or has a large prime factor, as a convolution
    /// of a power of two (L. I. Bluestein 1970).
    /// </summary>
    private sealed class PowerSpectra
    {
        private const int LargestFactor = 13;

        private readonly int _size;
        private readonly FourierTransform? _transform;
        private readonly Vector<double>[] _lanes;
        private readonly Vector<double>[] _power;
        private readonly LongTransform? _convolution;
        private readonly Complex[] _chirp = [];
        private readonly Complex[] _ofChirp = [];
        private readonly double[] _part = [];

        public PowerSpectra(int size)
        {
            _size = size;
            _lanes = new Vector<double>[size];
            _power = new Vector<double>[(size / 2) + 1];
            if (size % 2 == 0 && IsSmooth(size / 2))
            {
                _transform = new FourierTransform(size);
                return;
            }
            int length = Math.Max(LongTransform.MinSize, (int)BitOperations.RoundUpToPowerOf2((uint)(2 * size)));
            _convolution = new LongTransform(length);
            _part = new double[length];
            _chirp = new Complex[size];
            for (int i = 0; i < size; i++)
            {
                // i² modulo 2 size keeps the angle exact.
                _chirp[i] = Complex.FromPolarCoordinates(1, -Math.PI * ((long)i * i % (2L * size)) / size);
            }
            _ofChirp = new Complex[(length / 2) + 1];
            for (int pass = 0; pass < 2; pass++)
            {
                Array.Clear(_part);
                for (int i = 0; i < size; i++)
                {
                    double value = pass == 0 ? _chirp[i].Real : -_chirp[i].Imaginary;
                    _part[i] = value;
                    _part[(length - i) % length] = value;
                }
                _convolution.Forward(_part);
                for (int k = 0; k < _ofChirp.Length; k++)
                {
                    // The chirp is even: both transforms are real.
                    _ofChirp[k] += pass == 0 ? _convolution.Re[k] : Complex.ImaginaryOne * _convolution.Re[k];
                }
            }
        }

        public void Put(int lane, ReadOnlySpan<double> frame)
        {
            Span<double> all = MemoryMarshal.Cast<Vector<double>, double>(_lanes.AsSpan());
            for (int i = 0; i < _size; i++)
            {
                all[(i * FourierTransform.Lanes) + lane] = frame[i];
            }
        }

        public void Get(int lane, Span<double> power)
        {
            ReadOnlySpan<double> all = MemoryMarshal.Cast<Vector<double>, double>(_power.AsSpan());
            for (int i = 0; i < power.Length; i++)
            {
                power[i] = all[(i * FourierTransform.Lanes) + lane];
            }
        }

        public void Transform(int frames)
        {
            if (_transform is not null)
            {
                _transform.Power(_lanes, _power);
                return;
            }
            for (int lane = 0; lane < frames; lane++)
            {
                Convolve(lane);
            }
        }

        private void Convolve(int lane)
        {
            ReadOnlySpan<double> all = MemoryMarshal.Cast<Vector<double>, double>(_lanes.AsSpan());
            Span<double> power = MemoryMarshal.Cast<Vector<double>, double>(_power.AsSpan());
            double[] re = new double[_power.Length], im = new double[_power.Length];
            for (int pass = 0; pass < 2; pass++)
            {
                Array.Clear(_part);
                for (int i = 0; i < _size; i++)
                {
                    double value = all[(i * FourierTransform.Lanes) + lane];
                    _part[i] = value * (pass == 0 ? _chirp[i].Real : _chirp[i].Imaginary);
                }
                _convolution!.Forward(_part);
                for (int half = 0; half < 2; half++)
                {
                    // The real and the imaginary part of the chirp, each a real convolution.
                    if (half == 1)
                    {
                        _convolution.Forward(_part);
                    }
                    for (int k = 0; k < _ofChirp.Length; k++)
                    {
                        double factor = half == 0 ? _ofChirp[k].Real : _ofChirp[k].Imaginary;
                        _convolution.Re[k] *= factor;
                        _convolution.Im[k] *= factor;
                    }
                    ReadOnlySpan<double> result = _convolution.Inverse();
                    for (int k = 0; k < re.Length; k++)
                    {
                        // (a + ib)(c + id) = (ac - bd) + i(ad + bc)
                        if (pass == half)
                        {
                            re[k] += pass == 0 ? result[k] : -result[k];
                        }
                        else
                        {
                            im[k] += result[k];
                        }
                    }
                }
            }
            for (int k = 0; k < re.Length; k++)
            {
                // The chirp in front has magnitude 1.
                power[(k * FourierTransform.Lanes) + lane] = (re[k] * re[k]) + (im[k] * im[k]);
            }
        }

        private static bool IsSmooth(int number)
        {
            for (int factor = 2; factor <= LargestFactor; factor++)
            {
                for (; number % factor == 0; number /= factor)
                {
                }
            }
            return number == 1;
        }
    }
}
