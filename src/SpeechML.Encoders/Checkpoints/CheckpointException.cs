using SpeechML.Audio.Common;

namespace SpeechML;

/// <summary>
/// A checkpoint cannot be used: the file is broken, is not what its name says, or does not fit. The message names the
/// file, the tensor where there is one, what was expected and what was found.
/// </summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Creates the exception from a whole message.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception from a whole message and its cause.</summary>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception: <c>'file': tensor 'name': expected …, got ….</c></summary>
    /// <param name="file">The file, as the user knows it.</param>
    /// <param name="tensor">The tensor, or <see langword="null"/> where the whole file is meant.</param>
    /// <param name="expected">What had to be there.</param>
    /// <param name="got">What is there.</param>
    /// <param name="innerException">The cause, if another exception showed it.</param>
    public CheckpointException(
        string file, string? tensor, string expected, string got, Exception? innerException = null)
        : base($"'{file}': {(tensor is null ? "" : $"tensor '{Shorten(tensor)}': ")}expected {expected}, got {got}.",
            innerException)
    {
        File = file;
        Tensor = tensor;
    }

    private CheckpointException(string file, string message)
        : base(message)
    {
        File = file;
    }

    /// <summary>The file, if one is meant.</summary>
    public string? File { get; }

    /// <summary>The tensor, if one is meant.</summary>
    public string? Tensor { get; }

    /// <summary>A JSON file's field is wrong: <c>'file': field 'name': expected …, got ….</c></summary>
    internal static CheckpointException InField(string file, string field, string expected, string got) =>
        new(file, message: $"'{file}': field '{field}': expected {expected}, got {Shorten(got)}.");

    /// <summary>A text from a file, short enough for a message and without control characters.</summary>
    internal static string Shorten(string text) => ShortText.Of(text);
}
