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
    /// <summary>How the files lie in the folder. The default is <see cref="AudioLayout.Any"/>.</summary>
    public AudioLayout Layout { get; set; } = AudioLayout.Any;

    /// <summary>
    /// A file that ends before its header says: the rest of the recording is lost. The default is to throw.
    /// </summary>
    [FormerValue("Refuse", nameof(SuspectAudioHandling.Throw))]
    [FormerValue("Accept", nameof(SuspectAudioHandling.Keep))]
    public SuspectAudioHandling Truncated { get; set; } = SuspectAudioHandling.Throw;

    /// <summary>A file whose samples are all the same: nothing was recorded. The default is to throw.</summary>
    [FormerValue("Refuse", nameof(SuspectAudioHandling.Throw))]
    [FormerValue("Accept", nameof(SuspectAudioHandling.Keep))]
    public SuspectAudioHandling Silent { get; set; } = SuspectAudioHandling.Throw;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(AudioLoadingOptions)).Validate(this);
}
