using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What counts as a segment of speech. Times are in seconds, levels in decibels.</summary>
public sealed record SpeechSegmentOptions
{
    /// <summary>
    /// How far below the loud part of the recording (the level that 5 % of its frames exceed) a frame may be and still
    /// is speech. The default is 35 dB.
    /// </summary>
    [InRange("a level above 0 dB", Above = 0)]
    public double Range { get; init; } = 35;

    /// <summary>
    /// How far a frame must be above the background (the level that 90 % of the frames exceed) to be speech. The
    /// default is 6 dB.
    /// </summary>
    [InRange("0 dB or more", Min = 0)]
    public double Margin { get; init; } = 6;

    /// <summary>The shortest pause that parts two segments. The default is 0.3 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double MinPause { get; init; } = 0.3;

    /// <summary>The shortest segment; what is shorter is a click. The default is 0.2 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double MinLength { get; init; } = 0.2;

    /// <summary>
    /// The longest segment, with its padding; a longer one is cut where it is quietest in the second half of that
    /// length. The default is 30 s.
    /// </summary>
    [InRange("at least 1 s", Min = 1, MayBeInfinite = true)]
    public double MaxLength { get; init; } = 30;

    /// <summary>
    /// What is kept before and after a segment, at most to the middle of the pause. The default is 0.1 s.
    /// </summary>
    [InRange("0 s or more", Min = 0)]
    public double Padding { get; init; } = 0.1;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        OptionModel.Of(typeof(SpeechSegmentOptions)).Validate(this);
        OptionChecks.Check(MaxLength > MinLength + (2 * Padding), nameof(MaxLength),
            FormattableString.Invariant($"more than MinLength and twice Padding, {MinLength + (2 * Padding)} s"),
            MaxLength);
    }
}
