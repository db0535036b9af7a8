using System.Numerics;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// The forward cross-correlation of each frame: a window with the same window later, over the energies of both.
/// </summary>
internal sealed class CrossCorrelation : FrameCorrelation
{
    private readonly double _span;
    private readonly double[] _middle;
    private readonly double[] _frame;
    private readonly double[] _squares;
    private readonly FourierTransform _transform;
    private readonly Vector<double>[] _heads;
    private readonly Vector<double>[] _frames;
    private readonly Vector<double>[] _headRe;
    private readonly Vector<double>[] _headIm;
    private readonly Vector<double>[] _frameRe;
    private readonly Vector<double>[] _frameIm;
    private readonly int[] _usable = new int[FourierTransform.Lanes];
    private readonly double[][] _energies;

    public CrossCorrelation(SampleSignal signal, double floor, double step, double periods)
        : base(signal, floor, step, periods, (periods / floor) + (1 / floor))
    {
        _span = (1 / floor) + (periods / floor);
        int n = 2 * Math.Max(0, Half);
        Width = n == 0 ? 0 : Math.Max(Longest, n) + 1;
        int total = Longest + n;
        _middle = new double[n];
        _frame = new double[total];
        _squares = new double[total + 1];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, total + n));
        _transform = new FourierTransform(size);
        _heads = new Vector<double>[size];
        _frames = new Vector<double>[size];
        _headRe = new Vector<double>[(size / 2) + 1];
        _headIm = new Vector<double>[(size / 2) + 1];
        _frameRe = new Vector<double>[(size / 2) + 1];
        _frameIm = new Vector<double>[(size / 2) + 1];
        _energies = new double[FourierTransform.Lanes][];
        for (int k = 0; k < _energies.Length; k++)
        {
            _energies[k] = new double[Longest + 1];
        }
    }

    public override void Compute(int first, int frames, double[][] rows, double[] intensity)
    {
        int n = 2 * Half;
        Array.Clear(_heads);
        Array.Clear(_frames);
        for (int k = 0; k < frames; k++)
        {
            intensity[k] = Read(Times[first + k], k, n);
        }
        Multiply();
        for (int k = 0; k < frames; k++)
        {
            double[] row = rows[k];
            Array.Clear(row);
            Gather(_heads, k, row.AsSpan(0, Longest + 1));
            double own = _energies[k][0];
            for (int lag = 0; lag <= Longest; lag++)
            {
                double other = _energies[k][lag];
                row[lag] = own > 0 && other > 0 && lag <= _usable[k] - n
                    ? row[lag] / _transform.Size / Math.Sqrt(other * own) : 0;
            }
        }
    }

    private double Read(double time, int lane, int n)
    {
        long left = FrameGrid.Before(time, Rate);
        double mean = LocalMean(left);
        Signal.Copy(left + 1 - Half, _middle);
        for (int i = 0; i < n; i++)
        {
            _middle[i] -= mean;
        }
        long start = Math.Max(0, FrameGrid.Before(time - (0.5 * _span), Rate));
        int usable = (int)Math.Clamp(Signal.Length - start, 0, _frame.Length);
        Signal.Copy(start, _frame);
        for (int i = 0; i < usable; i++)
        {
            _frame[i] -= mean;
        }
        // Running sums, as in the reference: their rounding decides frames of silence.
        for (int i = 0; i < _frame.Length; i++)
        {
            _squares[i + 1] = _squares[i] + (_frame[i] * _frame[i]);
        }
        for (int lag = 0; lag <= Longest; lag++)
        {
            _energies[lane][lag] = _squares[lag + n] - _squares[lag];
        }
        _usable[lane] = usable;
        Scatter(_frame.AsSpan(0, n), _heads, lane);
        Scatter(_frame, _frames, lane);
        return Intensity(_middle);
    }

    /// <summary>Products of heads and frames at each lag, times the size, into the heads.</summary>
    private void Multiply()
    {
        int size = _transform.Size;
        _transform.Transform(_heads, _headRe, _headIm);
        _transform.Transform(_frames, _frameRe, _frameIm);
        for (int bin = 0; bin <= size / 2; bin++)
        {
            Vector<double> re = (_headRe[bin] * _frameRe[bin]) + (_headIm[bin] * _frameIm[bin]);
            Vector<double> im = (_headRe[bin] * _frameIm[bin]) - (_headIm[bin] * _frameRe[bin]);
            // The Hartley transform, Re X - Im X, is its own inverse up to the size (Bracewell 1983).
            _frames[bin] = re - im;
            if (bin > 0 && bin < size / 2)
            {
                _frames[size - bin] = re + im;
            }
        }
        _transform.Transform(_frames, _frameRe, _frameIm);
        for (int i = 0; i <= size / 2; i++)
        {
            _heads[i] = _frameRe[i] - _frameIm[i];
            if (i > 0 && i < size / 2)
            {
                _heads[size - i] = _frameRe[i] + _frameIm[i];
            }
        }
    }
}
