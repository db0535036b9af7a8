using SpeechML.Audio.Trimming;

namespace SpeechML;

/// <summary>
/// Finds where voice begins by the power of its cepstrum, as <c>torchaudio.functional.vad</c> (BSD 2-Clause), a port of
/// sox's effect <c>vad</c>. Computed in double;
/// the places found are whole measurement periods, so that rounding does not move them.
/// </summary>
public static class VoiceActivityDetector
{
    /// <summary>
    /// The part with voice, by the detector from the front and then from the back: start inclusive, end exclusive;
    /// empty at 0 where none is found.
    /// </summary>
    /// <param name="samples">Mono samples.</param>
    /// <param name="sampleRate">Their rate (Hz).</param>
    /// <param name="options">The detector's parameters; null for the defaults.</param>
    public static (int Start, int End) Find(
        ReadOnlySpan<float> samples, int sampleRate, VoiceActivityOptions? options = null)
    {
        int start = FindStart(samples, sampleRate, options);
        float[] backwards = samples[start..].ToArray();
        Array.Reverse(backwards);
        int end = samples.Length - FindStart(backwards, sampleRate, options);
        return start >= end ? (0, 0) : (start, end);
    }

    /// <summary>The sample at which voice begins; the length where none is found.</summary>
    /// <inheritdoc cref="Find"/>
    public static int FindStart(ReadOnlySpan<float> samples, int sampleRate, VoiceActivityOptions? options = null)
    {
        options ??= new VoiceActivityOptions();
        options.Validate();
        if (sampleRate <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate),
                $"Sample rate: expected a positive number of samples per second, got {sampleRate}.");
        }
        var measure = new VoiceMeasure(sampleRate, options);
        int period = Math.Max(1, (int)((sampleRate / options.MeasureFreq) + 0.5));
        double[] measures = new double[(int)Math.Ceiling(options.SearchTime * options.MeasureFreq)];
        int gap = (int)((options.AllowedGap * options.MeasureFreq) + 0.5);
        int keptBefore = (int)((options.PreTriggerTime * sampleRate) + 0.5);
        double smoothing = Math.Exp(-1 / (options.TriggerTime * options.MeasureFreq));
        double mean = 0;
        for (int index = 0, at = measure.Length; at < samples.Length; at += period,
            index = (index + 1) % measures.Length)
        {
            measures[index] = measure.Next(samples.Slice(at - measure.Length, measure.Length));
            mean = (mean * smoothing) + (measures[index] * (1 - smoothing));
            if (mean >= options.TriggerLevel)
            {
                int back = MeasuresBack(measures, index, options.TriggerLevel, gap);
                return Math.Max(0, at - measure.Length - keptBefore - (back * period));
            }
        }
        return samples.Length;
    }

    /// <summary>How many measurements before the trigger belong to the same activity.</summary>
    private static int MeasuresBack(double[] measures, int index, double triggerLevel, int gap)
    {
        int count = measures.Length;
        int trigger = count, zero = count;
        for (int j = 0, k = index; j < count; j++, k = (k + count - 1) % count)
        {
            if (measures[k] >= triggerLevel && j <= trigger + gap)
            {
                zero = trigger = j;
            }
            else if (measures[k] == 0 && trigger >= zero)
            {
                zero = j;
            }
        }
        return Math.Min(count - 1, zero);
    }
}
