using SpeechML.Data.Recordings;
using SpeechML.Encoders.Native;

namespace SpeechML.Recordings;

/// <summary>
/// Which part of a long clip a training step takes. It depends on the seed, the epoch and the clip's number alone: a
/// fit that resumes takes the same.
/// </summary>
/// <param name="Seed">Seed of the fit.</param>
/// <param name="Epoch">Number of the epoch, from 1.</param>
internal readonly record struct WindowDraw(int Seed, int Epoch)
{
    /// <summary>The number of one of a clip's windows.</summary>
    public int Window(int clip, int windows) => Random(clip).Next(windows);

    /// <summary>The samples of a long clip that are taken.</summary>
    public float[] Part(int clip, float[] samples, LongAudioLimits limits)
    {
        if (limits.Rule == LongAudioRule.RandomCrop)
        {
            int start = Random(clip).Next(samples.Length - limits.Window + 1);
            return samples[start..(start + limits.Window)];
        }
        AudioWindow[] windows = limits.Cut(samples.Length);
        AudioWindow window = windows[Window(clip, windows.Length)];
        return samples[window.Start..(window.Start + window.Length)];
    }

    private Random Random(int clip) =>
        SeedStream.Create(Seed, FormattableString.Invariant($"window of clip {clip} in epoch {Epoch}"));
}
