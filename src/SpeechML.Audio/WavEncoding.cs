namespace SpeechML;

/// <summary>How samples are stored in a WAV file.</summary>
public enum WavEncoding
{
    /// <summary>Integers of 16 bits, which every program reads; what is beyond [-1, 1] is cut off.</summary>
    Pcm16,

    /// <summary>The samples themselves, floating point of 32 bits.</summary>
    FloatingPoint,
}
