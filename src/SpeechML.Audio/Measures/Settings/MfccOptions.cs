using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Mel-frequency cepstral coefficients (S. B. Davis, P. Mermelstein 1980, IEEE Transactions on Acoustics, Speech and
/// Signal Processing 28, 357-366), equal to <c>librosa.feature.mfcc</c>: frames centred with zeros at the ends,
/// periodic Hann window, power, M. Slaney's mel filters, dB with a floor, orthonormal cosine transform.
/// </summary>
public sealed record MfccOptions
{
    /// <summary>The number of coefficients, at most <see cref="Filters"/>. The default is 13.</summary>
    [InRange("1 to 128", Min = 1, Max = 128)]
    public int Count { get; init; } = 13;

    /// <summary>The length of a frame, in seconds. The default is 0.032 s.</summary>
    [InRange("a time of 0.001 to 1 s", Min = 0.001, Max = 1)]
    public double Window { get; init; } = 0.032;

    /// <summary>Time between frames, in seconds. The default is 0.01 s.</summary>
    [InRange("a time of 0.0005 to 10 s", Min = 0.0005, Max = 10)]
    public double Hop { get; init; } = 0.01;

    /// <summary>The number of mel filters. The default is 40.</summary>
    [InRange("2 to 256", Min = 2, Max = 256)]
    public int Filters { get; init; } = 40;

    /// <summary>Levels further below the highest, in dB, are raised to that. The default is 80 dB.</summary>
    [InRange("a level above 0 dB", Above = 0)]
    public double TopDb { get; init; } = 80;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(MfccOptions)).Validate(this, prefix);
        OptionChecks.Check(Count <= Filters, prefix + nameof(Count),
            FormattableString.Invariant($"at most {nameof(Filters)}, {Filters}"), Count);
    }
}
