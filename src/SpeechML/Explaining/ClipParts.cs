using SpeechML.Audio.Common;

namespace SpeechML.Explaining;

/// <summary>The segments of a clip, and the clip without one of them.</summary>
internal static class ClipParts
{
    private const double FadeSeconds = 0.005; // a cut within a wave clicks in all frequencies

    /// <summary>Window and hop in samples, as long as it takes to have so few segments.</summary>
    public static (int Window, int Hop) Sizes(int length, int sampleRate, SpeechExplanationOptions options)
    {
        int window = Samples(options.WindowSeconds, sampleRate), hop = Samples(options.HopSeconds, sampleRate);
        double ratio = (double)window / hop;
        if (Count(length, window, hop) > options.MaxSegments)
        {
            hop = Math.Max(hop, (int)(length / (options.MaxSegments + ratio)));
            for (; Count(length, window, hop) > options.MaxSegments; hop++)
            {
                window = Math.Max(1, (int)Math.Min(length, Math.Round(ratio * (hop + 1))));
            }
        }
        return (Math.Min(window, length), hop);
    }

    /// <summary>Segments from the clip's begin on, the last one up to its end.</summary>
    public static IReadOnlyList<(int Start, int End)> Segments(int length, int window, int hop) =>
        [.. Enumerable.Range(0, (int)Count(length, window, hop))
            .Select(k => (k * hop, Math.Min(length, (k * hop) + window)))];

    /// <summary>A length of time in samples, at least 1.</summary>
    public static int Samples(double seconds, int sampleRate) =>
        (int)Math.Clamp(Math.Round(seconds * sampleRate), 1, int.MaxValue);

    /// <summary>The clip with a segment replaced, faded inside of the segment where the clip goes on.</summary>
    /// <param name="samples">The clip.</param>
    /// <param name="start">First sample of the segment.</param>
    /// <param name="end">The sample after the segment.</param>
    /// <param name="sampleRate">In Hz.</param>
    /// <param name="options">What stands in its place.</param>
    public static float[] Without(
        float[] samples, int start, int end, int sampleRate, SpeechExplanationOptions options)
    {
        float[] result = [.. samples];
        float[] instead = Replacement(samples, start, end, options);
        int fade = Math.Min(Samples(FadeSeconds, sampleRate), (end - start) / 4);
        for (int i = start; i < end; i++)
        {
            double into = start == 0 ? 1 : (i - start + 1.0) / (fade + 1),
                toEnd = end == samples.Length ? 1 : (double)(end - i) / (fade + 1);
            double share = Math.Min(1, Math.Min(into, toEnd));
            result[i] = (float)((share * instead[i - start]) + ((1 - share) * samples[i]));
        }
        return result;
    }

    private static float[] Replacement(float[] samples, int start, int end, SpeechExplanationOptions options)
    {
        float[] instead = new float[end - start];
        if (options.Replacement == OcclusionReplacement.Mean)
        {
            Array.Fill(instead, (float)samples.Average(s => (double)s));
        }
        else if (options.Replacement == OcclusionReplacement.Noise)
        {
            double power = 0;
            foreach (float sample in samples.AsSpan(start..end))
            {
                power += (double)sample * sample;
            }
            double level = Math.Sqrt(power / instead.Length);
            var random = new SeededRandom(((ulong)(uint)options.Seed << 32) + (uint)start);
            for (int i = 0; i < instead.Length; i++)
            {
                // Box and Muller 1958; 1 - u is never 0.
                instead[i] = (float)(level * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
                    * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
        }
        return instead;
    }

    private static long Count(int length, int window, int hop) =>
        length <= window ? 1 : 1 + (((long)length - window + hop - 1) / hop);
}
