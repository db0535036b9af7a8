namespace SpeechML;

/// <summary>Why a file could not be read as audio.</summary>
public enum AudioErrorKind
{
    /// <summary>There is no file of that name.</summary>
    NotFound,

    /// <summary>The name is that of a folder.</summary>
    IsDirectory,

    /// <summary>The operating system refused to open or to read the file.</summary>
    Unreadable,

    /// <summary>The file has no bytes.</summary>
    EmptyFile,

    /// <summary>No known audio signature at the start of the file.</summary>
    NotAudio,

    /// <summary>The file ends inside its header.</summary>
    TruncatedHeader,

    /// <summary>No <c>fmt </c> chunk before the data chunk or the end.</summary>
    MissingFmt,

    /// <summary>No data chunk.</summary>
    MissingData,

    /// <summary>Zero channels, or more than the reader accepts.</summary>
    BadChannels,

    /// <summary>A sample rate that is not positive.</summary>
    BadRate,

    /// <summary>Bits per sample that the format cannot have.</summary>
    BadBits,

    /// <summary>A block align that contradicts channels and bits.</summary>
    BadBlockAlign,

    /// <summary>The format tag or subformat GUID is not known.</summary>
    UnknownFormat,

    /// <summary>Well formed, but without one whole frame of samples.</summary>
    EmptyAudio,

    /// <summary>A NaN or an infinity among the samples.</summary>
    NonFiniteSample,

    /// <summary>All samples are the same: nothing was recorded.</summary>
    Silent,

    /// <summary>The file ends before its header says: the rest of the recording is lost.</summary>
    Truncated,

    /// <summary>A compressed stream fails its own check.</summary>
    CorruptStream,

    /// <summary>The format needs libsndfile or ffmpeg, which is not installed.</summary>
    DecoderMissing,

    /// <summary>More samples than one array can hold, or more bytes or seconds than an
    /// <see cref="AudioLimits"/> allows.</summary>
    TooLong,

    /// <summary>A format that is known by name but not decoded; the message says how to convert it.</summary>
    UnsupportedFormat,

    /// <summary>The channels cancel each other: their mean is far below each of them.</summary>
    CancellingChannels,

    /// <summary>Samples far beyond full scale: integers in a file of floating-point numbers.</summary>
    OutOfRange,
}

/// <summary>
/// A file that cannot be read as audio. The message names the file, what was expected and what was found.
/// </summary>
public sealed class AudioException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="fileName">The file, or the name given to a stream.</param>
    /// <param name="problem">What was expected and what was found; the message is <c>'fileName': problem</c>.</param>
    /// <param name="innerException">The cause, where another exception is one.</param>
    public AudioException(AudioErrorKind kind, string fileName, string problem, Exception? innerException = null)
        : base($"'{fileName}': {problem}", innerException)
    {
        Kind = kind;
        Problem = problem;
        FileName = fileName;
    }

    /// <summary>What is wrong.</summary>
    public AudioErrorKind Kind { get; }

    /// <summary>The message without the file's name.</summary>
    internal string Problem { get; }

    /// <summary>The file, or the name given to a stream.</summary>
    public string FileName { get; }

    /// <summary>Whether another decoder may know the format.</summary>
    internal bool IsOtherFormat { get; init; }

    /// <summary>
    /// The first bad frame (from 0) where <see cref="Kind"/> is <see cref="AudioErrorKind.NonFiniteSample"/>, else
    /// null.
    /// </summary>
    public long? Frame { get; internal init; }

    /// <summary>
    /// The channel (from 0) of the first bad sample where <see cref="Kind"/> is
    /// <see cref="AudioErrorKind.NonFiniteSample"/>, else null.
    /// </summary>
    public int? Channel { get; internal init; }
}
