using System.Numerics.Tensors;

namespace SpeechML;

/// <summary>
/// Finds segments of speech by level: frames of 30 ms, one every 10 ms, are speech where they are within a range of the
/// recording's loud part and above its background; short pauses are bridged and clicks dropped. It knows loud from
/// quiet, not speech from other sound: music and a door are segments too.
/// </summary>
public static class SpeechSegmenter
{
    private const double FrameSeconds = 0.03;
    private const double HopSeconds = 0.01;
    private const double Floor = 1e-5; // -100 dB of full scale
    private const double LoudShare = 0.95;
    private const double QuietShare = 0.1;

    /// <summary>
    /// The segments in order, each start inclusive and end exclusive, in samples; none in silence and in steady noise.
    /// </summary>
    /// <param name="samples">Mono samples.</param>
    /// <param name="sampleRate">Their rate (Hz).</param>
    /// <param name="options">What counts as a segment; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">An option or the rate is out of its range.</exception>
    public static IReadOnlyList<(int Start, int End)> Find(
        ReadOnlySpan<float> samples, int sampleRate, SpeechSegmentOptions? options = null)
    {
        options ??= new SpeechSegmentOptions();
        options.Validate();
        if (sampleRate <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate),
                $"Sample rate: expected a positive number of samples per second, got {sampleRate}.");
        }
        int hop = Math.Max(1, (int)(HopSeconds * sampleRate));
        double[] levels = Levels(samples, hop, Math.Max(1, (int)(FrameSeconds * sampleRate)));
        if (levels.Length == 0)
        {
            return [];
        }
        double[] sorted = [.. levels.Order()];
        double threshold = Math.Max(sorted[(int)(LoudShare * (sorted.Length - 1))] - options.Range,
            sorted[(int)(QuietShare * (sorted.Length - 1))] + options.Margin);
        List<(int From, int To)> loud = Bridge(Loud(levels, threshold), Frames(options.MinPause));
        _ = loud.RemoveAll(s => s.To - s.From < Frames(options.MinLength));
        int end = samples.Length;
        double most = options.MaxLength / HopSeconds;
        return [.. Pad(loud, levels.Length, Frames(options.Padding)).SelectMany(s => Cut(s, levels, most))
            .Select(s => (s.From * hop, s.To == levels.Length ? end : Math.Min(end, s.To * hop)))];
    }

    private static int Frames(double seconds) => (int)Math.Round(seconds / HopSeconds);

    /// <summary>The level of each frame in dB of full scale.</summary>
    private static double[] Levels(ReadOnlySpan<float> samples, int hop, int length)
    {
        double[] levels = new double[samples.Length / hop];
        for (int i = 0; i < levels.Length; i++)
        {
            // Centred on its hop.
            int from = Math.Max(0, (i * hop) + (hop / 2) - (length / 2));
            ReadOnlySpan<float> frame = samples[from..Math.Min(samples.Length, from + length)];
            double level = Math.Sqrt(TensorPrimitives.SumOfSquares(frame) / frame.Length);
            levels[i] = 20 * Math.Log10(Math.Max(Floor, level));
        }
        return levels;
    }

    private static IEnumerable<(int From, int To)> Loud(double[] levels, double threshold)
    {
        int from = -1;
        for (int i = 0; i <= levels.Length; i++)
        {
            bool speech = i < levels.Length && levels[i] >= threshold;
            if (speech && from < 0)
            {
                from = i;
            }
            else if (!speech && from >= 0)
            {
                yield return (from, i);
                from = -1;
            }
        }
    }

    private static List<(int From, int To)> Bridge(IEnumerable<(int From, int To)> parts, int pause)
    {
        var joined = new List<(int From, int To)>();
        foreach ((int from, int to) in parts)
        {
            if (joined.Count > 0 && from - joined[^1].To < pause)
            {
                joined[^1] = (joined[^1].From, to);
            }
            else
            {
                joined.Add((from, to));
            }
        }
        return joined;
    }

    private static IEnumerable<(int From, int To)> Pad(List<(int From, int To)> segments, int frames, int padding) =>
        segments.Select((s, i) => (
            Math.Max(s.From - padding, i == 0 ? 0 : (segments[i - 1].To + s.From) / 2),
            Math.Min(s.To + padding, i == segments.Count - 1 ? frames : (s.To + segments[i + 1].From) / 2)));

    private static IEnumerable<(int From, int To)> Cut((int From, int To) segment, double[] levels, double most)
    {
        int from = segment.From;
        while (segment.To - from > most)
        {
            int first = from + (int)(most / 2), last = from + (int)most;
            int quietest = first + TensorPrimitives.IndexOfMin<double>(levels.AsSpan(first, last - first));
            yield return (from, quietest);
            from = quietest;
        }
        yield return (from, segment.To);
    }
}
