using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What to do with a recording that can be decoded but is doubtful.</summary>
public enum DoubtfulAudio
{
    /// <summary>An <see cref="AudioException"/> that names the file.</summary>
    Refuse,

    /// <summary>Take it as it is.</summary>
    Accept,
}

/// <summary>How <c>LoadAudio</c> finds and takes files.</summary>
public sealed record AudioLoadingOptions
{
    /// <summary>How the files lie in the folder.</summary>
    public AudioLayout Layout { get; set; } = AudioLayout.Any;

    /// <summary>A file that ends before its header says: the rest of the recording is lost.</summary>
    public DoubtfulAudio Truncated { get; set; } = DoubtfulAudio.Refuse;

    /// <summary>A file whose samples are all the same: nothing was recorded.</summary>
    public DoubtfulAudio Silent { get; set; } = DoubtfulAudio.Refuse;

    internal void Validate()
    {
        OptionChecks.CheckEnum(Layout, nameof(Layout));
        OptionChecks.CheckEnum(Truncated, nameof(Truncated));
        OptionChecks.CheckEnum(Silent, nameof(Silent));
    }
}
