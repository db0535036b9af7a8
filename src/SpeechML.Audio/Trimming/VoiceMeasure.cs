using System.Numerics;
using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Trimming;

/// <summary>
/// The measurement of <see cref="VoiceActivityDetector"/>: the spectrum less its noise estimate, and the power of its
/// cepstrum in the range of pitch.
/// </summary>
internal sealed class VoiceMeasure
{
    private readonly double[] _window;
    private readonly double[] _spectrum;
    private readonly double[] _noise;
    private readonly double[] _cepstrumWindow;
    private readonly double[] _windowed;
    private readonly double[] _cleaned;
    private readonly FourierTransform _transform;
    private readonly FourierTransform _halfTransform;
    private readonly int _from;
    private readonly int _cepstrumFrom;
    private readonly int _cepstrumTo;
    private readonly double _noiseReduction;
    private readonly double _noiseUp;
    private readonly double _noiseDown;
    private readonly double _smoothing;
    private readonly int _lastBoot;
    private int _boot;

    public VoiceMeasure(int sampleRate, VoiceActivityOptions options)
    {
        Length = Math.Max(1, (int)((sampleRate * (options.MeasureDuration ?? (2 / options.MeasureFreq))) + 0.5));
        int size = 16;
        while (size < Length)
        {
            size *= 2;
        }
        _transform = new FourierTransform(size);
        _halfTransform = new FourierTransform(size / 2);
        _from = Math.Max(1, (int)((options.HpFilterFreq / sampleRate * size) + 0.5));
        int to = Math.Min(size / 2, (int)((options.LpFilterFreq / sampleRate * size) + 0.5));
        _cepstrumFrom = (int)Math.Ceiling(sampleRate * 0.5 / options.LpLifterFreq);
        _cepstrumTo = Math.Min(size / 4, (int)Math.Floor(sampleRate * 0.5 / options.HpLifterFreq));
        if (to <= _from || _cepstrumTo <= _cepstrumFrom)
        {
            throw new ArgumentException(
                $"Voice activity: expected filter and lifter frequencies that leave something at {sampleRate} Hz, " +
                $"got filter bins {_from} to {to} and lifter bins {_cepstrumFrom} to {_cepstrumTo}.");
        }
        _window = Window(Length);
        _cepstrumWindow = Window(to - _from);
        _spectrum = new double[to - _from];
        _noise = new double[to - _from];
        _windowed = new double[Length];
        _cleaned = new double[to];
        _noiseReduction = options.NoiseReductionAmount;
        _noiseUp = Decay(options.NoiseUpTime);
        _noiseDown = Decay(options.NoiseDownTime);
        _smoothing = Decay(options.MeasureSmoothTime);
        _lastBoot = (int)((options.BootTime * options.MeasureFreq) - 0.5);

        double Decay(double time) => Math.Exp(-1 / (time * options.MeasureFreq));
    }

    /// <summary>Samples in a measurement.</summary>
    public int Length { get; }

    /// <summary>Takes the next measurement: at least 0.</summary>
    public double Next(ReadOnlySpan<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            _windowed[i] = samples[i] * _window[i];
        }
        ReadOnlySpan<Complex> bins = _transform.Transform(_windowed);
        bool booting = _boot >= 0;
        double keep = booting ? _boot / (1.0 + _boot) : _smoothing;
        for (int k = 0; k < _spectrum.Length; k++)
        {
            _spectrum[k] = (_spectrum[k] * keep) + (bins[_from + k].Magnitude * (1 - keep));
            double power = _spectrum[k] * _spectrum[k];
            double keepNoise = booting ? 0 : power > _noise[k] ? _noiseUp : _noiseDown;
            _noise[k] = (_noise[k] * keepNoise) + (power * (1 - keepNoise));
            _cleaned[_from + k] = Math.Sqrt(Math.Max(0, power - (_noiseReduction * _noise[k]))) * _cepstrumWindow[k];
        }
        if (booting)
        {
            _boot = _boot == _lastBoot ? -1 : _boot + 1;
        }
        double sum = 0;
        foreach (Complex value in _halfTransform.Transform(_cleaned)[_cepstrumFrom.._cepstrumTo])
        {
            sum += (value.Real * value.Real) + (value.Imaginary * value.Imaginary);
        }
        const double Offset = 21; // sox's: brings the usual range above 0
        return sum > 0 ? Math.Max(0, Offset + Math.Log(sum / (_cepstrumTo - _cepstrumFrom))) : 0;
    }

    /// <summary>A periodic Hann window of root mean square power.</summary>
    private static double[] Window(int length)
    {
        double[] window = new double[length];
        for (int i = 0; i < length; i++)
        {
            window[i] = 2 / Math.Sqrt(length) * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / length)));
        }
        return window;
    }
}
