using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// What is done with clips that are longer than the encoder is given at once. A clip that fits is not touched by any
/// of these.
/// </summary>
public sealed record LongAudioOptions
{
    // 2 s on either side is more than the positional convolution of wav2vec 2.0 and its kind sees (1.28 s).
    internal const double DefaultOverlap = 4;

    /// <summary>What is done with them. The default is windows.</summary>
    public LongAudioRule Rule { get; set; } = LongAudioRule.Windows;

    /// <summary>
    /// Length in seconds from which on a clip is long, and that of a window or piece. The default is 0: 30 s for
    /// Whisper; other encoders, which have no limit, take clips of up to 60 s whole (with
    /// <see cref="LongAudioRule.Error"/> any) and longer ones in windows or pieces of 15 s.
    /// </summary>
    [InRange("0 (as the encoder is best given) or more seconds", Min = 0)]
    public double Length { get; set; }

    /// <summary>
    /// Seconds that a window shares with the next. The encoder sees them in both; each frame is pooled once, from the
    /// window in which it lies further from the edge. The default is 4, or a quarter of a window where an encoder takes
    /// no more than that at once.
    /// </summary>
    [ActiveWhen(nameof(Rule), LongAudioRule.Windows, LongAudioRule.RandomCrop)]
    [InRange("0 or more seconds, less than Length", Min = 0)]
    public double Overlap { get; set; } = DefaultOverlap;

    /// <summary>How windows become one result. The default is to pool their frames together.</summary>
    [ActiveWhen(nameof(Rule), LongAudioRule.Windows, LongAudioRule.RandomCrop)]
    public WindowCombination Combination { get; set; } = WindowCombination.Frames;

    /// <summary>The same where tokens of a whole clip are pooled: longer clips are cut, as in Python.</summary>
    internal LongAudioOptions OfTokens() =>
        Rule == LongAudioRule.Error ? this with { } : new() { Rule = LongAudioRule.Truncate };

    /// <exception cref="ArgumentException">An option contradicts another.</exception>
    internal void Validate() => OptionChecks.Check(
        Rule is LongAudioRule.Error or LongAudioRule.Truncate || Length == 0 || Overlap < Length, "LongAudio.Overlap",
        FormattableString.Invariant($"less than LongAudio.Length, {Length} s"), Overlap);
}
