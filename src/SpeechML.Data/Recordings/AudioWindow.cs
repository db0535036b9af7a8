namespace SpeechML.Data.Recordings;

/// <summary>A window of a long clip.</summary>
/// <param name="Start">Its first sample.</param>
/// <param name="Length">Its samples.</param>
/// <param name="From">Its first frame that is pooled.</param>
/// <param name="To">The frame after the last that is pooled; those before and after are context.</param>
internal readonly record struct AudioWindow(int Start, int Length, int From, int To)
{
    /// <summary>Frames that are pooled.</summary>
    public int Frames => To - From;

    /// <summary>
    /// The windows of a clip, in order. All but the last have one length; the last ends with the clip and may share
    /// more with the one before. Every frame of the clip is pooled from exactly one: where two share frames, the
    /// first half from the first.
    /// </summary>
    /// <param name="samples">Samples of the clip.</param>
    /// <param name="window">Samples of a window.</param>
    /// <param name="step">Frames from one window to the next.</param>
    /// <param name="hop">Samples of a frame.</param>
    /// <param name="frameCount">Frames of so many samples.</param>
    public static AudioWindow[] Cut(int samples, int window, int step, int hop, Func<long, long> frameCount)
    {
        int last = (samples - window + hop - 1) / hop; // frames
        int[] starts = [.. Starts(last, step)];
        int[] lengths = [.. starts.Select(s => Math.Min(window, samples - (s * hop)))];
        int[] ends = [.. starts.Select((s, i) => s + (int)frameCount(lengths[i]))];
        var windows = new AudioWindow[starts.Length];
        int from = 0;
        for (int i = 0; i < windows.Length; i++)
        {
            int to = i == windows.Length - 1 ? ends[i] : (starts[i + 1] + ends[i]) / 2;
            windows[i] = new AudioWindow(starts[i] * hop, lengths[i], from - starts[i], to - starts[i]);
            from = to;
        }
        return windows;
    }

    private static IEnumerable<int> Starts(int last, int step)
    {
        for (int start = 0; start < last; start += step)
        {
            yield return start;
        }
        yield return last;
    }
}
