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

    /// <summary>The mean of the channels.</summary>
    public MLAudio ToMono()
    {
        if (Channels.Length == 1)
        {
            return MLAudio.Wrap(Channels[0], SampleRate);
        }
        float[] mono = (float[])Channels[0].Clone();
        for (int c = 1; c < Channels.Length; c++)
        {
            float[] channel = Channels[c];
            for (int i = 0; i < mono.Length; i++)
            {
                mono[i] += channel[i];
            }
        }
        for (int i = 0; i < mono.Length; i++)
        {
            mono[i] /= Channels.Length;
        }
        return MLAudio.Wrap(mono, SampleRate);
    }
}
