namespace SpeechML.Audio.Measures.Timing;

/// <summary>Syllable nuclei: voiced peaks of intensity in sounding intervals with a dip behind them.</summary>
internal static class SyllableFinder
{
    private const double Percent = 99;

    /// <summary>Their times (s); null where the contour has fewer than three frames.</summary>
    public static double[]? Find(IntensityContour contour, PitchContour pitch,
        IReadOnlyList<SoundingInterval> intervals, SyllableOptions options)
    {
        double[] v = [.. contour.Level];
        if (v.Length < 3)
        {
            return null;
        }
        double[] sorted = [.. v];
        Array.Sort(sorted);
        double level = Math.Max(MeasureMath.Percentile(sorted, Percent) + options.Threshold, sorted[0]);
        List<int> peaks = [];
        for (int k = 1; k < v.Length - 1; k++)
        {
            if (v[k] > v[k - 1] && v[k] >= v[k + 1] && v[k] > level)
            {
                peaks.Add(k);
            }
        }
        List<double> counted = [];
        for (int j = 0; j < peaks.Count; j++)
        {
            int end = j + 1 < peaks.Count ? peaks[j + 1] + 1 : v.Length;
            double lowest = v[peaks[j]];
            foreach (double value in v.AsSpan(peaks[j], end - peaks[j]))
            {
                lowest = Math.Min(lowest, value);
            }
            if (v[peaks[j]] - lowest > options.Dip)
            {
                counted.Add(contour.Times[peaks[j]]);
            }
        }
        bool[] sounding = SoundingFinder.AreSounding(counted, intervals);
        return [.. counted.Where((time, i) => sounding[i] && !double.IsNaN(pitch.At(time)))];
    }
}
