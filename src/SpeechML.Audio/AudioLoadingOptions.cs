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
    /// The channel to take: 0 is the first (left), 1 the second (right), and so on; <see langword="null"/>, the
    /// default, takes the mean of all.
    /// </summary>
    [InRange("a channel, the first is 0, or null for the mean", Min = 0)]
    public int? Channel { get; set; }

    /// <summary>
    /// The rate in Hz that a file of another rate is brought to while it is read, as <c>ResampleAudio</c> does with its
    /// defaults: only the result is held, which counts for recordings of an hour. <see langword="null"/>, the default,
    /// keeps the file's own.
    /// </summary>
    [InRange("a rate of at least 1 Hz, or null for the file's own", Min = 1)]
    public int? SampleRate { get; set; }

    /// <summary>
    /// A file that ends before its header says, or whose stream has no end: the rest of the recording is lost. The
    /// default is to throw.
    /// </summary>
    [FormerValue("Refuse", nameof(SuspectAudioHandling.Throw))]
    [FormerValue("Accept", nameof(SuspectAudioHandling.Keep))]
    public SuspectAudioHandling Truncated { get; set; } = SuspectAudioHandling.Throw;

    /// <summary>
    /// A file whose samples are all the same, or differ by less than -84 dB of full scale: nothing was recorded. The
    /// default is to throw.
    /// </summary>
    [FormerValue("Refuse", nameof(SuspectAudioHandling.Throw))]
    [FormerValue("Accept", nameof(SuspectAudioHandling.Keep))]
    public SuspectAudioHandling Silent { get; set; } = SuspectAudioHandling.Throw;

    /// <summary>
    /// A file whose channels cancel where their mean is taken (it lies 20 dB or more below two channels): one is
    /// inverted, and next to nothing of the recording would be left. The default is to throw.
    /// </summary>
    public SuspectAudioHandling CancellingChannels { get; set; } = SuspectAudioHandling.Throw;

    /// <summary>
    /// A file with samples beyond 10 times full scale: integers where -1 to 1 was meant. The default is to throw.
    /// </summary>
    public SuspectAudioHandling OutOfRange { get; set; } = SuspectAudioHandling.Throw;

    /// <summary>
    /// Whether a saved model holds the folder where that is an absolute path. The default is <see langword="false"/>: a
    /// path of the machine that trained is not passed on, and a loaded model is told where recordings are by
    /// <c>mlContext.Speech().WithAudioFolder</c>. A relative folder and an address (<c>gs://...</c>) are always saved.
    /// </summary>
    [DoesNotAffectResult]
    public bool SaveFolder { get; set; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(AudioLoadingOptions)).Validate(this);
}
