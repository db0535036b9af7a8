using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What to do with a recording that can be decoded but is suspect.</summary>
public enum SuspectAudioHandling
{
    /// <summary>Throw an <see cref="AudioException"/> that names the file.</summary>
    Throw,

    /// <summary>Keep it as it is.</summary>
    Keep,
}

/// <summary>How <c>LoadAudio</c> finds and takes files.</summary>
public sealed record AudioLoadingOptions
{
    /// <summary>How the files lie in the folder.</summary>
    public AudioLayout Layout { get; set; } = AudioLayout.Any;

    /// <summary>A file that ends before its header says: the rest of the recording is lost.</summary>
    [FormerValue("Refuse", nameof(SuspectAudioHandling.Throw))]
    [FormerValue("Accept", nameof(SuspectAudioHandling.Keep))]
    public SuspectAudioHandling Truncated { get; set; } = SuspectAudioHandling.Throw;

    /// <summary>A file whose samples are all the same: nothing was recorded.</summary>
    [FormerValue("Refuse", nameof(SuspectAudioHandling.Throw))]
    [FormerValue("Accept", nameof(SuspectAudioHandling.Keep))]
    public SuspectAudioHandling Silent { get; set; } = SuspectAudioHandling.Throw;

    internal void Validate()
    {
        OptionChecks.CheckEnum(Layout, nameof(Layout));
        OptionChecks.CheckEnum(Truncated, nameof(Truncated));
        OptionChecks.CheckEnum(Silent, nameof(Silent));
    }
}
