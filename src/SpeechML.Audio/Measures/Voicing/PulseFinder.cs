using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// Glottal pulses of a periodic voice: from the middle of each voiced interval to both edges, each where a window of
/// one period resembles the one before most (Praat's manual, "Sound &amp; Pitch: To PointProcess (cc)").
/// </summary>
internal sealed class PulseFinder
{
    private readonly SampleSignal _signal;
    private readonly PitchContour _pitch;
    private readonly double _rate;
    private double[] _correlations = [];
    private double[] _one = [];
    private double[] _two = [];

    private PulseFinder(SampleSignal signal, PitchContour pitch)
    {
        _signal = signal;
        _pitch = pitch;
        _rate = signal.Rate;
    }

    /// <summary>The pulses (s), in order.</summary>
    public static double[] Find(SampleSignal signal, PitchContour pitch) => new PulseFinder(signal, pitch).Find();

    private double[] Find()
    {
        double duration = _signal.Length / _rate;
        var found = new List<double>();
        double reached = double.NegativeInfinity;
        foreach ((double left, double right) in VoicedIntervals(duration))
        {
            double middle = (left + right) / 2;
            double f0 = _pitch.At(middle);
            if (double.IsNaN(f0))
            {
                continue;
            }
            double start = Extremum(middle - (0.5 / f0), middle + (0.5 / f0));
            found.Add(start);
            double last = start;
            foreach (int way in (ReadOnlySpan<int>)[-1, 1])
            {
                last = Math.Max(last, Chain(start, way, left, right, reached, found));
            }
            reached = last > start ? last : reached;
        }
        double[] sorted = [.. found.Distinct()];
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>Pulses from one on in one direction; the last of them in time.</summary>
    private double Chain(double start, int way, double left, double right, double reached, List<double> found)
    {
        const double Clear = 0.3, ClearAtEdge = 0.7, Quiet = 0.01, QuietAtEdge = 0.023333;
        double time = start, last = start;
        while (true)
        {
            double f0 = _pitch.At(time);
            if (double.IsNaN(f0))
            {
                return last;
            }
            double near = time + (way * 0.8 / f0), far = time + (way * 1.25 / f0);
            (double? place, double r, double peak) = BestMatch(time, 1 / f0, Math.Min(near, far), Math.Max(near, far));
            // At periods of two samples a match could lie where the search began.
            time = place is { } at && (at - time) * way > 0 ? at : time + (way / f0);
            bool clear = way > 0 || time - reached > 0.8 / f0;
            bool inside = time >= left && time <= right;
            if (clear && (inside ? r > Clear && (peak == 0 || peak > Quiet * _signal.Peak)
                : r > ClearAtEdge && peak > QuietAtEdge * _signal.Peak))
            {
                found.Add(time);
                last = Math.Max(last, time);
            }
            if (!inside)
            {
                return last;
            }
        }
    }

    /// <summary>Each run of voiced frames, half a step beyond its first and last, inside the recording.</summary>
    private IEnumerable<(double Left, double Right)> VoicedIntervals(double duration)
    {
        double half = _pitch.Step / 2;
        for (int i = 0; i < _pitch.Times.Count; i++)
        {
            if (double.IsNaN(_pitch.Frequency[i]))
            {
                continue;
            }
            int first = i;
            while (i + 1 < _pitch.Times.Count && !double.IsNaN(_pitch.Frequency[i + 1]))
            {
                i++;
            }
            yield return (Math.Max(0, _pitch.Times[first] - half), Math.Min(duration, _pitch.Times[i] + half));
        }
    }

    /// <summary>
    /// The time of the sample with the largest magnitude, from the one before the start to the one after the end,
    /// refined by a parabola.
    /// </summary>
    private double Extremum(double start, double end)
    {
        long from = Math.Max(0, FrameGrid.Before(start, _rate));
        long to = Math.Min(_signal.Length - 1, (long)Math.Ceiling(FrameGrid.Place(end, _rate)));
        ReadOnlySpan<double> part = _signal.Read(from, (int)(to - from) + 1);
        int low = 0, high = 0;
        for (int i = 1; i < part.Length; i++)
        {
            low = part[i] < part[low] ? i : low;
            high = part[i] > part[high] ? i : high;
        }
        if (part[low] == part[high])
        {
            return ((from + to) / 2.0 / _rate) + (0.5 / _rate);
        }
        int k = Math.Abs(part[low]) > Math.Abs(part[high]) ? low : high;
        double shift = k > 0 && k < part.Length - 1 ? MeasureMath.Vertex(part[k - 1], part[k], part[k + 1]).Shift : 0;
        return (from + k + shift + 0.5) / _rate;
    }

    /// <summary>
    /// Where from one time to another a window of a length resembles that around a time most: the time, the
    /// correlation, the peak there.
    /// </summary>
    private (double? Place, double Correlation, double Peak) BestMatch(
        double time, double window, double start, double end)
    {
        long low = FrameGrid.Nearest(time - (window / 2), _rate), high = FrameGrid.Nearest(time + (window / 2), _rate);
        long first = FrameGrid.Before(start - (window / 2), _rate);
        long last = (long)Math.Ceiling(FrameGrid.Place(end - (window / 2), _rate));
        int length = (int)(high - low) + 1, lags = (int)(last - first) + 1;
        if (_one.Length < length || _two.Length < length + lags - 1 || _correlations.Length < lags + 2)
        {
            _one = new double[2 * length];
            _two = new double[2 * (length + lags)];
            _correlations = new double[2 * (lags + 2)];
        }
        Span<double> one = _one.AsSpan(0, length), two = _two.AsSpan(0, length + lags - 1);
        (int oneFrom, int oneCount) = _signal.Copy(low, one);
        (int twoFrom, int twoCount) = _signal.Copy(first, two);
        // Before the first lag the correlation counts as 0: a peak may lie at the range's start.
        Span<double> r = _correlations.AsSpan(0, lags + 2);
        r[..2].Clear();
        for (int lag = 0; lag < lags; lag++)
        {
            int from = Math.Max(oneFrom, twoFrom - lag);
            int to = Math.Max(from, Math.Min(oneFrom + oneCount, twoFrom + twoCount - lag));
            ReadOnlySpan<double> a = one[from..to], b = two[(from + lag)..(to + lag)];
            double product = VectorMath.Dot(a, b);
            double norm = Math.Sqrt(VectorMath.SumOfSquares(a) * VectorMath.SumOfSquares(b));
            r[lag + 2] = norm > 0 && product != 0 ? product / norm : 0;
        }
        int k = -1;
        for (int i = 1; i < r.Length - 1; i++)
        {
            if (r[i] >= r[i - 1] && r[i] >= r[i + 1] && r[i] > -1 && (k < 0 || r[i] > r[k]))
            {
                k = i;
            }
        }
        if (k < 0)
        {
            return (null, -1, 0);
        }
        (double shift, double rise) = MeasureMath.Vertex(r[k - 1], r[k], r[k + 1]);
        int peakLag = Math.Min(k - 1, lags - 1);
        double peak = VectorMath.MaxMagnitude(two.Slice(peakLag, length));
        return (time + ((first + k - 2 + shift - low) / _rate), r[k] + rise, peak);
    }
}
