namespace SpeechML;

/// <summary>A file that an <see cref="IAudioDecoder"/> is to decode.</summary>
public sealed class AudioDecoderInput
{
    internal AudioDecoderInput(
        string name, string? path, Stream content, TimeSpan? maxDuration, CancellationToken cancellation)
    {
        Name = name;
        Path = path;
        Content = content;
        MaxDuration = maxDuration;
        Cancellation = cancellation;
    }

    /// <summary>What errors call the file.</summary>
    public string Name { get; }

    /// <summary>
    /// Where the file lies on this machine (a cache, where it came from a bucket); <see langword="null"/> where it is a
    /// stream.
    /// </summary>
    public string? Path { get; }

    /// <summary>The content from its beginning, at position 0; it can seek. It is the caller's to dispose.</summary>
    public Stream Content { get; }

    /// <summary>
    /// How much is taken: of a longer recording nothing, so that decoding can stop soon behind it;
    /// <see langword="null"/> for no limit.
    /// </summary>
    public TimeSpan? MaxDuration { get; }

    /// <summary>Ends the decoding.</summary>
    public CancellationToken Cancellation { get; }
}
