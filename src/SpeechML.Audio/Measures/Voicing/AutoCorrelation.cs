using System.Numerics;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// The autocorrelation of each frame under a Hann window, divided by that of the window (P. Boersma 1993, eq. 9).
/// </summary>
internal sealed class AutoCorrelation : FrameCorrelation
{
    private readonly double[] _window;
    private readonly double[] _ofWindow;
    private readonly double[] _frame;
    private readonly FourierTransform _transform;
    private readonly Vector<double>[] _lanes;
    private readonly Vector<double>[] _power;
    private readonly Vector<double>[] _otherRe;

    public AutoCorrelation(SampleSignal signal, double floor, double step, double periods)
        : base(signal, floor, step, periods, periods / floor)
    {
        int n = 2 * Math.Max(0, Half);
        Width = n == 0 ? 0 : Half + 1;
        _window = new double[n];
        for (int i = 0; i < n; i++)
        {
            _window[i] = 0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 1) / (n + 1)));
        }
        _frame = new double[n];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, (int)Math.Ceiling(1.5 * n)));
        _transform = new FourierTransform(size);
        _lanes = new Vector<double>[size];
        _power = new Vector<double>[(size / 2) + 1];
        _otherRe = new Vector<double>[(size / 2) + 1];
        _ofWindow = new double[Width];
        if (n > 0)
        {
            Scatter(_window, _lanes, 0);
            Correlate();
            Gather(_otherRe, 0, _ofWindow);
            double energy = _ofWindow[0];
            for (int lag = 0; lag < Width; lag++)
            {
                _ofWindow[lag] /= energy;
            }
        }
    }

    public override void Compute(int first, int frames, double[][] rows, double[] intensity)
    {
        Array.Clear(_lanes);
        for (int k = 0; k < frames; k++)
        {
            long left = FrameGrid.Before(Times[first + k], Rate);
            double mean = LocalMean(left);
            Signal.Copy(left + 1 - Half, _frame);
            for (int i = 0; i < _frame.Length; i++)
            {
                _frame[i] = (_frame[i] - mean) * _window[i];
            }
            intensity[k] = Intensity(_frame);
            Scatter(_frame, _lanes, k);
        }
        Correlate();
        for (int k = 0; k < frames; k++)
        {
            double[] row = rows[k];
            Gather(_otherRe, k, row.AsSpan(0, Width));
            double energy = row[0];
            if (energy > 0)
            {
                VectorMath.Divide(row.AsSpan(0, Width), energy, _ofWindow);
            }
            else
            {
                row.AsSpan(0, Width).Clear();
            }
        }
    }

    /// <summary>The transform of the power spectrum, which is real and even: the autocorrelation times the
    /// size.</summary>
    private void Correlate()
    {
        int size = _transform.Size;
        _transform.Power(_lanes, _power);
        for (int bin = 0; bin <= size / 2; bin++)
        {
            _lanes[bin] = _power[bin];
            _lanes[(size - bin) % size] = _power[bin];
        }
        _transform.Real(_lanes, _otherRe);
    }
}
