namespace SpeechML;

/// <summary>A decoded file: every channel as stored, at the file's own rate.</summary>
public sealed class DecodedAudio
{
    internal DecodedAudio(float[][] channels, int sampleRate, bool truncated)
    {
        Channels = channels;
        SampleRate = sampleRate;
        Truncated = truncated;
    }

    /// <summary>
    /// The samples, <c>[channel][frame]</c>. Integer formats are scaled to [-1, 1]; floating-point values beyond are
    /// kept.
    /// </summary>
    public float[][] Channels { get; }

    /// <summary>Frames per second (Hz).</summary>
    public int SampleRate { get; }

    /// <summary>The number of frames.</summary>
    public int Frames => Channels[0].Length;

    /// <summary>Whether the file promises more frames than it holds: what is there was decoded.</summary>
    public bool Truncated { get; }
}
