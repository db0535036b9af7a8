using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What <c>mlContext.Speech().CheckData</c> looks at.</summary>
public sealed record SpeechDataCheckOptions
{
    /// <summary>Name of the text column that names the recordings, as for <c>LoadAudio</c>.</summary>
    public required string AudioColumnName { get; set; }

    /// <summary>
    /// The folder that names are relative to; <see langword="null"/> where the column holds full paths.
    /// </summary>
    public string? AudioFolder { get; set; }

    /// <summary>How the files lie in the folder.</summary>
    public AudioLayout Layout { get; set; } = AudioLayout.Any;

    /// <summary>
    /// The channel that is loaded (see <see cref="AudioLoadingOptions.Channel"/>), whose levels are looked at;
    /// <see langword="null"/> for the mean of all.
    /// </summary>
    public int? Channel { get; set; }

    /// <summary>Name of the text column that says who speaks; empty: not known.</summary>
    public string SubjectColumnName { get; set; } = "";

    /// <summary>
    /// Names of the label columns: text, keys, Booleans, numbers, and vectors of numbers (each slot is a label).
    /// </summary>
    public IReadOnlyList<string> LabelColumnNames { get; set; } = [];

    /// <summary>
    /// The encoder that is to be trained (see <c>SpeechEncodingOptions.Encoder</c>): clips shorter than its receptive
    /// field or longer than its limit are found. Only its
    /// configuration is read, but an encoder on the Hub is downloaded as a whole. Empty: not looked at.
    /// </summary>
    public string Encoder { get; set; } = "";

    /// <summary>Shortest clip, in seconds; 0 for no limit but the encoder's.</summary>
    public double MinSeconds { get; set; }

    /// <summary>
    /// Longest clip, in seconds; <see cref="double.PositiveInfinity"/> for no limit but the encoder's.
    /// </summary>
    public double MaxSeconds { get; set; } = double.PositiveInfinity;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        OptionChecks.Check(!string.IsNullOrEmpty(AudioColumnName), nameof(AudioColumnName),
            "the name of the column of recordings", AudioColumnName);
        OptionChecks.CheckEnum(Layout, nameof(Layout));
        OptionChecks.Check(Channel is null or >= 0, nameof(Channel), "a channel, the first is 0, or null for the mean",
            Channel);
        OptionChecks.Check(MinSeconds >= 0 && double.IsFinite(MinSeconds), nameof(MinSeconds), "0 s or more",
            MinSeconds);
        OptionChecks.Check(MaxSeconds > MinSeconds, nameof(MaxSeconds),
            FormattableString.Invariant($"more than {nameof(MinSeconds)}, {MinSeconds} s"), MaxSeconds);
    }
}

/// <summary>How far a check of the data is.</summary>
/// <param name="Clips">Clips looked at.</param>
/// <param name="Total">Clips in all.</param>
public readonly record struct SpeechDataProgress(int Clips, int Total);
