namespace SpeechML.Audio.Measures.Signals;

/// <summary>The samples of a recording.</summary>
internal sealed class SampleSignal : Signal
{
    private readonly ReadOnlyMemory<float> _samples;

    public SampleSignal(MLAudio audio, int largestWhole = UsualLargestWhole)
        : base(audio.Length, audio.SampleRate)
    {
        LargestWhole = largestWhole;
        _samples = audio.Samples;
        double sum = 0;
        foreach (float sample in _samples.Span)
        {
            sum += sample;
            Peak = Math.Max(Peak, Math.Abs((double)sample));
        }
        double mean = audio.Length == 0 ? 0 : sum / audio.Length;
        foreach (float sample in _samples.Span)
        {
            PeakAboutMean = Math.Max(PeakAboutMean, Math.Abs(sample - mean));
        }
    }

    public override int LargestWhole { get; }

    public override LongTransforms Transforms { get; } = new();

    /// <summary>The largest magnitude.</summary>
    public double Peak { get; }

    /// <summary>The largest distance from the mean of all samples.</summary>
    public double PeakAboutMean { get; }

    /// <summary>
    /// Whether all samples from one time to another are the same, or there are none: what is measured there is a ratio
    /// of rounding errors.
    /// </summary>
    public bool IsConstant(double from, double to)
    {
        ReadOnlySpan<float> all = _samples.Span;
        int first = (int)Math.Clamp(Math.Floor(from * Rate), 0, all.Length);
        int end = (int)Math.Clamp(Math.Floor(to * Rate), first, all.Length);
        ReadOnlySpan<float> part = all[first..end];
        return part.IsEmpty || part.IndexOfAnyExcept(part[0]) < 0;
    }

    protected override void Compute(long first, Span<double> values)
    {
        ReadOnlySpan<float> samples = _samples.Span.Slice((int)first, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = samples[i];
        }
    }
}
