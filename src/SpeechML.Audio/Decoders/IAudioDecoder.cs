namespace SpeechML;

/// <summary>
/// Decodes formats that SpeechML does not decode by itself. Instances are shared by threads.
/// </summary>
public interface IAudioDecoder
{
    /// <summary>The name by which it is registered, once in a process.</summary>
    string Name { get; }

    /// <summary>The extensions of its formats (<c>.m4a</c>), for clips that are named without one.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether it decodes a file, told by its content; names are not asked.</summary>
    /// <param name="start">The first bytes, up to 1024, behind ID3 and APE tags.</param>
    bool Recognizes(ReadOnlySpan<byte> start);

    /// <summary>Decodes a file.</summary>
    /// <param name="input">The file.</param>
    /// <returns>The recording as WAV or FLAC.</returns>
    /// <exception cref="AudioException">The file is damaged, or what decodes it is absent.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    AudioDecoderOutput Decode(AudioDecoderInput input);
}
