namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// Where frames and samples lie: sample i at (i + 0.5) / rate seconds. The order of operations decides ties, which
/// decide frames.
/// </summary>
internal static class FrameGrid
{
    /// <summary>
    /// The middles of as many whole windows as fit, the group of frames centred in the recording (s); none where the
    /// window is longer.
    /// </summary>
    public static double[] Times(double duration, double window, double step)
    {
        if (window > duration)
        {
            return [];
        }
        int count = checked((int)Math.Floor((duration - window) / step)) + 1;
        double first = (duration / 2) - (0.5 * (count * step)) + (0.5 * step);
        double[] times = new double[count];
        for (int i = 0; i < count; i++)
        {
            times[i] = first + (i * step);
        }
        return times;
    }

    /// <summary>The fractional index of the sample at a time.</summary>
    public static double Place(double time, double rate) => (time - (0.5 / rate)) / (1 / rate);

    /// <summary>The sample before a time, or at it.</summary>
    public static long Before(double time, double rate) => (long)Math.Floor(Place(time, rate));

    /// <summary>The nearest sample; a tie goes up.</summary>
    public static long Nearest(double time, double rate) => (long)Math.Floor(Place(time, rate) + 0.5);
}
