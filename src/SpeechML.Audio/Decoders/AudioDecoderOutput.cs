namespace SpeechML;

/// <summary>What an <see cref="IAudioDecoder"/> made of a file.</summary>
public sealed class AudioDecoderOutput
{
    /// <summary>Creates the output.</summary>
    /// <param name="content">The recording as WAV or FLAC; can seek, and is disposed of once it was read.</param>
    /// <param name="truncated">Whether the file is cut off.</param>
    public AudioDecoderOutput(Stream content, bool truncated = false)
    {
        ArgumentNullException.ThrowIfNull(content);
        Content = content;
        Truncated = truncated;
    }

    /// <summary>The recording as WAV or FLAC.</summary>
    public Stream Content { get; }

    /// <summary>Whether the file is cut off: what is there was decoded.</summary>
    public bool Truncated { get; }
}
