using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>
/// Cepstral peak prominence of each frame. Stretches of frames are at hand at a time, with those that smoothing
/// reaches.
/// </summary>
internal static class CepstralPeaks
{
    private const int Stretch = 256;

    /// <summary>The contour of each of several ways to find peaks in the same cepstra.</summary>
    public static CepstralPeakContour[] Track(
        SampleSignal recording, CepstrumOptions options, params ReadOnlySpan<CepstralPeakOptions> ways)
    {
        var cepstra = new Cepstrogram(recording, options);
        int frames = cepstra.Times.Length;
        var finders = new Finder[ways.Length];
        int reach = 0;
        for (int i = 0; i < ways.Length; i++)
        {
            finders[i] = new Finder(ways[i], cepstra, options.Step);
            reach = Math.Max(reach, finders[i].Reach);
        }
        int stretch = Math.Max(Stretch, 4 * reach);
        double[] rows = new double[Math.Min(frames, stretch + (2 * reach)) * cepstra.Bins];
        for (int from = 0; from < frames && cepstra.Bins > 0; from += stretch)
        {
            int to = Math.Min(frames, from + stretch);
            int first = Math.Max(0, from - reach), end = Math.Min(frames, to + reach);
            cepstra.Compute(first, end, rows);
            foreach (Finder finder in finders)
            {
                for (int k = from; k < to; k++)
                {
                    finder.Find(rows, first, k);
                }
            }
        }
        bool[] constant = new bool[frames];
        double half = Math.Min(6 / options.Floor, recording.Length / recording.Rate) / 2;
        const double Middle = 0.2;
        for (int k = 0; k < frames; k++)
        {
            constant[k] = recording.IsConstant(
                cepstra.Times[k] - (half * Middle), cepstra.Times[k] + (half * Middle));
        }
        return [.. finders.Select(f => new CepstralPeakContour(
            cepstra.Times, options.Step, f.Prominence, f.Quefrency, constant))];
    }

    /// <summary>Finds peaks in one way.</summary>
    private sealed class Finder
    {
        private readonly CepstralPeakOptions _options;
        private readonly double _step;
        private readonly SmoothingKernel _time;
        private readonly SmoothingKernel _quefrency;
        private readonly double[] _averaged;
        private readonly double[] _decibels;
        private readonly double[] _scratch;
        private readonly int _lineFrom;
        private readonly int _lineTo;
        private readonly int _low;
        private readonly int _high;

        public Finder(CepstralPeakOptions options, Cepstrogram cepstra, double timeStep)
        {
            _options = options;
            int bins = cepstra.Bins;
            _step = cepstra.Step;
            _time = new SmoothingKernel(cepstra.Times.Length, options.TimeWindow / timeStep, 0.5);
            _quefrency = new SmoothingKernel(bins, options.QuefrencyWindow / _step, 0);
            _averaged = new double[bins];
            _decibels = new double[bins];
            _scratch = new double[bins];
            bool part = options.LineTo > options.LineFrom;
            const double Rounding = 1e-9;
            _lineFrom = part ? (int)Math.Ceiling((options.LineFrom / _step) - Rounding) : 0;
            _lineTo = part ? (int)Math.Min(bins, Math.Floor((options.LineTo / _step) + Rounding) + 1) : bins;
            _low = (int)Math.Min(bins, Math.Ceiling((1 / options.Highest / _step) - Rounding));
            _high = (int)Math.Min(Math.Floor((1 / options.Lowest / _step) + Rounding), bins - 2);
            Prominence = new double[cepstra.Times.Length];
            Quefrency = new double[cepstra.Times.Length];
            Array.Fill(Prominence, double.NaN);
            Array.Fill(Quefrency, double.NaN);
        }

        public double[] Prominence { get; }

        public double[] Quefrency { get; }

        public int Reach => _time.Reach;

        /// <param name="rows">Cepstra from <paramref name="first"/> on.</param>
        /// <param name="first">The first frame at hand.</param>
        /// <param name="frame">The frame to look at.</param>
        public void Find(ReadOnlySpan<double> rows, int first, int frame)
        {
            int bins = _decibels.Length;
            if (_high < 0 || _low >= bins || _lineTo - _lineFrom < 2)
            {
                return; // a recording of a few milliseconds
            }
            if (_time.IsNone)
            {
                rows.Slice((frame - first) * bins, bins).CopyTo(_averaged);
            }
            else
            {
                Array.Clear(_averaged);
                ReadOnlySpan<double> weights = _time.Weights(frame, out int from);
                for (int j = 0; j < weights.Length; j++)
                {
                    VectorMath.AddScaled(rows.Slice((from + j - first) * bins, bins), weights[j], _averaged);
                }
            }
            _quefrency.Apply(_averaged, _decibels);
            VectorMath.Log(_decibels, 1e-30, 10 / Math.Log(10));
            (double peak, double place) = MeasureMath.HighestPeak(_decibels, _low, _high);
            (double slope, double intercept) = Line(_decibels.AsSpan(_lineFrom, _lineTo - _lineFrom));
            Prominence[frame] = peak - ((slope * place * _step) + intercept);
            Quefrency[frame] = place * _step;
        }

        private (double Slope, double Intercept) Line(ReadOnlySpan<double> y)
        {
            double X(int i) => (_lineFrom + i) * _step;
            Span<double> scratch = _scratch.AsSpan(0, y.Length);
            if (_options.Line == CepstralLine.Robust)
            {
                int half = y.Length / 2, skip = y.Length % 2;
                double span = (half + skip) * _step;
                for (int i = 0; i < half; i++)
                {
                    scratch[i] = y[half + skip + i] - y[i];
                }
                double median = Median.Of(scratch[..half]) / span;
                for (int i = 0; i < y.Length; i++)
                {
                    scratch[i] = y[i] - (median * X(i));
                }
                return (median, Median.Of(scratch));
            }
            double meanX = X(0) + ((y.Length - 1) / 2.0 * _step), meanY = VectorMath.Sum(y) / y.Length;
            double products = 0, squares = 0;
            for (int i = 0; i < y.Length; i++)
            {
                products += (X(i) - meanX) * (y[i] - meanY);
                squares += (X(i) - meanX) * (X(i) - meanX);
            }
            double slope = products / squares;
            return (slope, meanY - (slope * meanX));
        }
    }
}
