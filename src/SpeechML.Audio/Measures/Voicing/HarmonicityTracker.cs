using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// Harmonics-to-noise ratio: the strongest correlation of each frame, without any cost a path of its own.
/// </summary>
internal static class HarmonicityTracker
{
    private const int RoughDepth = 30, Depth = 700;

    /// <summary>
    /// Candidates whose height by a parabola, or by a short interpolation at its place, lies further below the best are
    /// not sought further: neither is ever so far off.
    /// </summary>
    private const double ParabolaMargin = 0.4, RoughMargin = 0.15;

    public static HarmonicityContour Track(SampleSignal signal, HarmonicityOptions options)
    {
        double periods = options.PeriodsPerWindow;
        var correlation = new CrossCorrelation(signal, options.Floor, options.Step, periods);
        int frames = correlation.Times.Length;
        int lanes = FourierTransform.Lanes;
        double[][] rows = [.. Enumerable.Range(0, lanes).Select(_ => new double[correlation.Width])];
        double[] intensity = new double[lanes];
        double[] ratio = new double[frames];
        bool[] constant = new bool[frames];
        var search = new Search(correlation.Width, correlation.Longest, signal.Rate);
        for (int first = 0; first < frames; first += lanes)
        {
            int count = Math.Min(lanes, frames - first);
            if (correlation.Width > 0)
            {
                correlation.Compute(first, count, rows, intensity);
            }
            for (int k = 0; k < count; k++)
            {
                double time = correlation.Times[first + k];
                double silent = options.SilenceThreshold <= 0 ? 0
                    : Math.Max(0, 2 - (intensity[k] / options.SilenceThreshold));
                double r = intensity[k] > 0 && silent < 1 ? search.Strongest(rows[k]) : double.NaN;
                ratio[first + k] = !(r > silent) ? double.NaN : Decibels(r);
                constant[first + k] = signal.IsConstant(
                    time - ((1 + periods) / options.Floor / 2), time + ((periods - 1) / options.Floor / 2));
            }
        }
        return new HarmonicityContour(correlation.Times, options.Step, ratio, constant);
    }

    private static double Decibels(double r)
    {
        const double Least = 1e-15, Most = 150;
        return r <= Least ? -Most : r > 1 - Least ? Most : 10 * Math.Log10(r / (1 - r));
    }

    /// <summary>Finds the strongest correlation of a row.</summary>
    private sealed class Search(int width, int longest, double rate)
    {
        private readonly double[] _even = new double[Math.Max(0, (2 * width) - 1)];
        private readonly List<int> _lags = [];
        private double[] _heights = [];

        /// <summary>NaN where there is no maximum.</summary>
        public double Strongest(double[] row)
        {
            PitchTracker.FindPeaks(row, longest, 0, _lags);
            if (_lags.Count == 0)
            {
                return double.NaN;
            }
            PitchTracker.Mirror(row, _even);
            int zero = row.Length - 1;
            // A maximum beyond half the rate is none, and must not put others aside.
            _lags.RemoveAll(
                lag => lag <= 3 && !IsBelowHalfTheRate(SincInterpolation.Sharpest(_even, lag + zero, Depth)));
            if (_heights.Length < _lags.Count)
            {
                _heights = new double[2 * _lags.Count];
            }
            Keep(lag => Parabola(row, lag), ParabolaMargin);
            Keep(lag => PitchTracker.Strength(
                SincInterpolation.At(_even, PitchTracker.RoughPlace(row, lag) + zero, RoughDepth)), RoughMargin);
            double best = double.NaN;
            foreach (int lag in _lags)
            {
                double strength = PitchTracker.Strength(SincInterpolation.Sharpest(_even, lag + zero, Depth).Value);
                best = strength <= best ? best : strength;
            }
            return best;

            bool IsBelowHalfTheRate((double Place, double Value) peak) => rate / (peak.Place - zero) < rate / 2;
        }

        private void Keep(Func<int, double> height, double margin)
        {
            double best = double.NegativeInfinity;
            for (int i = 0; i < _lags.Count; i++)
            {
                _heights[i] = height(_lags[i]);
                best = Math.Max(best, _heights[i]);
            }
            int kept = 0;
            for (int i = 0; i < _lags.Count; i++)
            {
                if (_heights[i] >= best - margin)
                {
                    _lags[kept++] = _lags[i];
                }
            }
            _lags.RemoveRange(kept, _lags.Count - kept);
        }

        private static double Parabola(double[] row, int lag) =>
            PitchTracker.Strength(row[lag] + MeasureMath.Vertex(row[lag - 1], row[lag], row[lag + 1]).Rise);
    }
}
