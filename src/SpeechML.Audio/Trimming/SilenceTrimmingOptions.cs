using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// What counts as silence at the ends of a clip; names and meaning are those of <c>librosa.effects.trim</c>.
/// </summary>
public sealed record SilenceTrimmingOptions
{
    /// <summary>Decibels below the loudest frame from which on a frame is silent. The default is 60.</summary>
    [InRange("0 dB or more", Min = 0)]
    public double TopDb { get; init; } = 60;

    /// <summary>Samples in a frame. The default is 2048.</summary>
    [InRange("at least 1 sample", Min = 1)]
    public int FrameLength { get; init; } = 2048;

    /// <summary>Samples from one frame to the next. The default is 512.</summary>
    [InRange("at least 1 sample", Min = 1)]
    public int HopLength { get; init; } = 512;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(SilenceTrimmingOptions)).Validate(this);
}
