namespace SpeechML;

/// <summary>
/// What counts as silence at the ends of a clip; names and meaning are those of <c>librosa.effects.trim</c>.
/// </summary>
public sealed record SilenceTrimmingOptions
{
    /// <summary>Decibels below the loudest frame from which on a frame is silent.</summary>
    public double TopDb { get; init; } = 60;

    /// <summary>Samples in a frame.</summary>
    public int FrameLength { get; init; } = 2048;

    /// <summary>Samples from one frame to the next.</summary>
    public int HopLength { get; init; } = 512;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (!double.IsFinite(TopDb) || TopDb < 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"TopDb: expected a number of decibels of at least 0, got {TopDb}."));
        }
        if (FrameLength < 1)
        {
            throw new ArgumentException($"FrameLength: expected at least 1 sample, got {FrameLength}.");
        }
        if (HopLength < 1)
        {
            throw new ArgumentException($"HopLength: expected at least 1 sample, got {HopLength}.");
        }
    }
}
