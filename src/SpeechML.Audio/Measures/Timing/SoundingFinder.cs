namespace SpeechML.Audio.Measures.Timing;

/// <summary>Silent and sounding intervals by a level below the maximum of an intensity contour.</summary>
internal static class SoundingFinder
{
    /// <summary>
    /// Intervals from the start of the recording to its end; none without a frame. A contour that varies by less than
    /// the threshold sounds throughout; one of digital silence does not at all.
    /// </summary>
    public static List<SoundingInterval> Find(IntensityContour contour, double duration, PauseOptions options)
    {
        double[] levels = [.. contour.Level];
        if (levels.Length == 0)
        {
            return [];
        }
        double least = levels.Min();
        if (levels.Max() <= MeasureMath.Silence)
        {
            return [new SoundingInterval(0, duration, false)];
        }
        double top = MeasureMath.HighestPeak(levels, 0, levels.Length - 1).Value;
        double threshold = Math.Abs(options.Threshold);
        if (threshold > top - least)
        {
            return [new SoundingInterval(0, duration, true)];
        }
        double level = top - threshold;
        var intervals = new List<SoundingInterval>();
        double start = 0;
        for (int k = 1; k < levels.Length; k++)
        {
            bool before = levels[k - 1] >= level;
            if (levels[k] >= level != before)
            {
                intervals.Add(new SoundingInterval(start, contour.Times[k], before));
                start = contour.Times[k];
            }
        }
        intervals.Add(new SoundingInterval(start, duration, levels[^1] >= level));
        intervals = WithoutShort(intervals, true, options.ShortestSound);
        return WithoutShort(intervals, false, options.ShortestSilence);
    }

    /// <summary>Whether each of times in order lies in a sounding interval, its ends included.</summary>
    public static bool[] AreSounding(IReadOnlyList<double> times, IReadOnlyList<SoundingInterval> intervals)
    {
        bool[] result = new bool[times.Count];
        int at = 0;
        for (int i = 0; i < times.Count; i++)
        {
            while (at < intervals.Count && intervals[at].End < times[i])
            {
                at++;
            }
            // At a boundary two intervals meet.
            for (int k = at; k < intervals.Count && intervals[k].Start <= times[i] && !result[i]; k++)
            {
                result[i] = intervals[k].IsSounding;
            }
        }
        return result;
    }

    private static List<SoundingInterval> WithoutShort(List<SoundingInterval> intervals, bool kind, double shortest)
    {
        var result = new List<SoundingInterval>();
        foreach (SoundingInterval interval in intervals)
        {
            bool sounds = interval.IsSounding;
            sounds = sounds != kind || interval.End - interval.Start >= shortest ? sounds : !sounds;
            if (result.Count > 0 && result[^1].IsSounding == sounds)
            {
                result[^1] = result[^1] with { End = interval.End };
            }
            else
            {
                result.Add(new SoundingInterval(interval.Start, interval.End, sounds));
            }
        }
        return result;
    }
}
