using System.Globalization;
using SpeechML.Audio.Measures;

namespace SpeechML.Data.Checking;

/// <summary>What the levels of a recording say about it.</summary>
internal static class LevelCheck
{
    /// <summary>Twice full scale: what lossy codecs and resampling add is far below it.</summary>
    private const double MaxPeak = 2;

    /// <summary>-46 dB of full scale: 164 of 32,768 steps of 16 bits.</summary>
    private const double MinAmplitude = 0.005;

    /// <summary>An offset is large where it reaches this part of full scale, or of the recording's own level.</summary>
    private const double MaxOffset = 0.1, MaxRelativeOffset = 0.25;

    /// <summary>Smaller offsets are a step or two of the converter.</summary>
    private const double MinOffset = 1e-3;

    /// <summary>The part of the samples that may lie in runs at the largest value.</summary>
    private const double MaxClipped = 1e-3;

    /// <summary>Where a converter clips. What was clipped and made quieter afterwards is not found.</summary>
    private const double MinClippedPeak = 0.95;

    public static IEnumerable<(SpeechDataProblem Problem, string Message)> Of(ClipMetadata clip)
    {
        LevelMeter level = clip.Level;
        string Text(FormattableString text) => $"'{clip.Key}': {text.ToString(CultureInfo.InvariantCulture)}";
        if (clip.Cancelled is { } decibels)
        {
            yield return (SpeechDataProblem.CancellingChannels,
                $"'{clip.Key}': {SuspectAudio.Cancelling(clip.Channels, decibels)}. Take one channel (Channel = 0).");
        }
        if (level.Amplitude == 0)
        {
            yield break; // found as silent
        }
        if (level.Peak > MaxPeak)
        {
            yield return (SpeechDataProblem.OutOfRange, level.Peak > LevelMeter.MaxMagnitude
                ? $"'{clip.Key}': {SuspectAudio.OutOfRange(level.Peak)}."
                : Text($"expected samples of about -1 to 1, got some of a magnitude of {level.Peak:G4}."));
        }
        if (clip.Cancelled is null && level.Amplitude < MinAmplitude)
        {
            yield return (SpeechDataProblem.Quiet,
                $"'{clip.Key}': expected peaks of at least {SuspectAudio.Decibels(MinAmplitude)}, got " +
                $"{SuspectAudio.Decibels(level.Amplitude)}.");
        }
        double offset = Math.Abs(level.Offset);
        if ((offset > MaxOffset && level.Peak <= MaxPeak)
            || (offset > MinOffset && offset > MaxRelativeOffset * level.Deviation))
        {
            yield return (SpeechDataProblem.Offset,
                Text($"expected samples about 0, got a mean of {level.Offset:F4} (a recorder's offset)."));
        }
        if (level.Peak >= MinClippedPeak && level.Clipped > MaxClipped)
        {
            yield return (SpeechDataProblem.Clipped,
                Text($"expected peaks, got runs of equal samples at {level.Peak:F3}: {level.Clipped:P2} are clipped."));
        }
    }
}
