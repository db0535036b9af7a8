using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>Pitch by autocorrelation: candidates of each frame, and the best path through them.</summary>
internal static class PitchTracker
{
    private const int RoughDepth = 30, Depth = 70;
    private const double Periods = 3;

    public static PitchContour Track(SampleSignal signal, PitchOptions options)
    {
        double step = options.Step > 0 ? options.Step : Periods / options.Floor / 4;
        var correlation = new AutoCorrelation(signal, options.Floor, step, Periods);
        double ceiling = Math.Min(options.Ceiling, signal.Rate / 2);
        int frames = correlation.Times.Length;
        var path = new PitchPath(options, ceiling, step, frames);
        int lanes = FourierTransform.Lanes;
        double[][] rows = [.. Enumerable.Range(0, lanes).Select(_ => new double[correlation.Width])];
        double[] intensity = new double[lanes];
        double[] even = new double[Math.Max(0, (2 * correlation.Width) - 1)];
        var candidates = new List<(double Frequency, double Strength)>();
        List<int> lags = [];
        for (int first = 0; first < frames; first += lanes)
        {
            int count = Math.Min(lanes, frames - first);
            if (correlation.Width > 0)
            {
                correlation.Compute(first, count, rows, intensity);
            }
            for (int k = 0; k < count; k++)
            {
                candidates.Clear();
                if (intensity[k] > 0)
                {
                    FindCandidates(rows[k], even, correlation.Longest, signal.Rate, ceiling, options, lags,
                        candidates);
                }
                path.Add(intensity[k], candidates);
            }
        }
        (double[] frequency, double[] strength) = path.Best();
        return new PitchContour(correlation.Times, step, frequency, strength, options.Floor);
    }

    /// <summary>Lags at which a row has a local maximum above a strength.</summary>
    public static void FindPeaks(ReadOnlySpan<double> row, int longest, double above, List<int> lags)
    {
        lags.Clear();
        int end = Math.Min(longest, row.Length - 1);
        for (int lag = 2; lag < end; lag++)
        {
            if (row[lag] > above && row[lag] > row[lag - 1] && row[lag] >= row[lag + 1])
            {
                lags.Add(lag);
            }
        }
    }

    /// <summary>A row with its mirror image in front; lag 0 is in the middle.</summary>
    public static void Mirror(ReadOnlySpan<double> row, Span<double> even)
    {
        int zero = row.Length - 1;
        row.CopyTo(even[zero..]);
        row[1..].CopyTo(even);
        even[..zero].Reverse();
    }

    /// <summary>Correlations above 1 are errors of the interpolation.</summary>
    public static double Strength(double height) => height > 1 ? 1 / height : height;

    private static void FindCandidates(double[] row, double[] even, int longest, double rate, double ceiling,
        PitchOptions options, List<int> lags, List<(double Frequency, double Strength)> candidates)
    {
        FindPeaks(row, longest, 0.5 * options.VoicingThreshold, lags);
        if (lags.Count == 0)
        {
            return;
        }
        Mirror(row, even);
        int zero = row.Length - 1;
        int most = Math.Max(options.Candidates, (int)(ceiling / options.Floor)) - 1;
        if (lags.Count > most)
        {
            double Score(int lag)
            {
                double rough = RoughPlace(row, lag);
                double height = Strength(SincInterpolation.At(even, rough + zero, RoughDepth));
                return height - (options.OctaveCost * Math.Log2(options.Floor * rough / rate));
            }
            lags = [.. lags.Select(lag => (Lag: lag, Score: Score(lag))).OrderByDescending(c => c.Score).Take(most)
                .Select(c => c.Lag).Order()];
        }
        foreach (int lag in lags)
        {
            (double place, double height) = SincInterpolation.Sharpest(even, lag + zero, Depth);
            candidates.Add((rate / (place - zero), Strength(height)));
        }
    }

    /// <summary>The place of a maximum by a parabola.</summary>
    public static double RoughPlace(ReadOnlySpan<double> row, int lag) =>
        lag + MeasureMath.Vertex(row[lag - 1], row[lag], row[lag + 1]).Shift;
}
