using System.Numerics;
using System.Runtime.InteropServices;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;
using SpeechML.Audio.Measures.Voicing;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>The power cepstra of a recording, computed frame by frame. Not thread-safe.</summary>
internal sealed class Cepstrogram
{
    private readonly ResampledSignal _signal;
    private readonly double _rate;
    private readonly double _length;
    private readonly double[] _window;
    private readonly double[] _frame;
    private readonly FourierTransform _transform;
    private readonly Vector<double>[] _lanes;
    private readonly Vector<double>[] _power;

    public Cepstrogram(SampleSignal recording, CepstrumOptions options)
    {
        _rate = 2 * options.Highest;
        double duration = recording.Length * (1 / recording.Rate);
        _length = Math.Min(6 / options.Floor, duration);
        _signal = new ResampledSignal(recording, _rate, options.PreEmphasisFrom);
        Times = recording.Rate < Signal.LeastRate ? [] : FrameGrid.Times(duration, _length, options.Step);
        int n = (int)Math.Floor((_length * _rate) + 0.5);
        _window = FormantTracker.Gaussian(n);
        _frame = new double[n];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, n));
        _transform = new FourierTransform(size);
        _lanes = new Vector<double>[size];
        _power = new Vector<double>[(size / 2) + 1];
        Bins = n < 2 ? 0 : (size / 2) + 1;
        Step = 1 / _rate;
    }

    /// <summary>The middle of each frame (s).</summary>
    public double[] Times { get; }

    /// <summary>The quefrencies of a cepstrum; 0 where the recording is shorter than two samples.</summary>
    public int Bins { get; }

    /// <summary>From one quefrency to the next (s).</summary>
    public double Step { get; }

    /// <summary>The power cepstra of frames.</summary>
    /// <param name="first">The first frame.</param>
    /// <param name="end">The frame behind the last.</param>
    /// <param name="rows">Receives <see cref="Bins"/> values of each.</param>
    public void Compute(int first, int end, Span<double> rows)
    {
        int lanes = FourierTransform.Lanes;
        for (int from = first; from < end; from += lanes)
        {
            int count = Math.Min(lanes, end - from);
            Array.Clear(_lanes);
            for (int k = 0; k < count; k++)
            {
                Read(Times[from + k], k);
            }
            Transform();
            ReadOnlySpan<double> power = MemoryMarshal.Cast<Vector<double>, double>(_power.AsSpan());
            for (int k = 0; k < count; k++)
            {
                Span<double> row = rows.Slice((from - first + k) * Bins, Bins);
                for (int i = 0, at = k; i < Bins; i++, at += lanes)
                {
                    row[i] = power[at];
                }
            }
        }
    }

    private void Read(double time, int lane)
    {
        // The nearest sample, counted from 1; a tie goes up.
        double place = ((time - (_length / 2) - _signal.FirstTime) / (1 / _rate)) + 1 + 0.5;
        _signal.Copy((long)Math.Floor(place) - 1, _frame);
        double mean = VectorMath.Sum(_frame) / _frame.Length;
        Span<double> all = MemoryMarshal.Cast<Vector<double>, double>(_lanes.AsSpan());
        for (int i = 0, at = lane; i < _frame.Length; i++, at += FourierTransform.Lanes)
        {
            all[at] = (_frame[i] - mean) * _window[i];
        }
    }

    private void Transform()
    {
        int size = _transform.Size;
        _transform.Power(_lanes, _power);
        var scale = new Vector<double>(1 / (_rate * _rate));
        for (int bin = 0; bin <= size / 2; bin++)
        {
            _power[bin] *= scale;
        }
        VectorMath.Log(MemoryMarshal.Cast<Vector<double>, double>(_power.AsSpan()), 1e-300, 1);
        for (int bin = 0; bin <= size / 2; bin++)
        {
            _lanes[bin] = _power[bin];
            _lanes[(size - bin) % size] = _power[bin];
        }
        // A spectrum that is real and even has a real transform, both ways the same.
        _transform.Real(_lanes, _power);
        var inverse = new Vector<double>(_rate / size);
        for (int bin = 0; bin <= size / 2; bin++)
        {
            Vector<double> value = _power[bin] * inverse;
            _power[bin] = value * value;
        }
    }
}
