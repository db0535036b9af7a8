using SpeechML.Audio.Measures;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Pitch by autocorrelation with a path finder (P. Boersma 1993, Proceedings of the Institute of Phonetic Sciences 17,
/// 97-110). The defaults are Praat's.
/// </summary>
public sealed record PitchOptions
{
    /// <summary>Time between frames, in seconds; 0, the default, for a quarter of a window.</summary>
    [InRange("0 s for a quarter of a window, or more", Min = 0, Max = 10)]
    public double Step { get; init; }

    /// <summary>
    /// The lowest pitch that is looked for, in Hz; a window is three periods of it. The default is 75 Hz.
    /// </summary>
    [InRange("10 to 2000 Hz", Min = 10, Max = 2000)]
    public double Floor { get; init; } = 75;

    /// <summary>
    /// The highest pitch that is looked for, in Hz, above <see cref="Floor"/>; at most half the sample rate counts. The
    /// default is 600 Hz.
    /// </summary>
    [InRange("a frequency above the floor, at most 20000 Hz", Above = 0, Max = 20000)]
    public double Ceiling { get; init; } = 600;

    /// <summary>The candidates of a frame, the voiceless one among them. The default is 15.</summary>
    [InRange("2 to 1000", Min = 2, Max = 1000)]
    public int Candidates { get; init; } = 15;

    /// <summary>
    /// Frames whose peak is below this share of the recording's are probably silent. The default is 0.03.
    /// </summary>
    [InRange("0 to 1", Min = 0, Max = 1)]
    public double SilenceThreshold { get; init; } = 0.03;

    /// <summary>The strength of the voiceless candidate: higher gives fewer voiced frames. The default is
    /// 0.45.</summary>
    [InRange("0 to 1", Min = 0, Max = 1)]
    public double VoicingThreshold { get; init; } = 0.45;

    /// <summary>How far higher candidates are favoured, per octave. The default is 0.01.</summary>
    [InRange("0 or more", Min = 0)]
    public double OctaveCost { get; init; } = 0.01;

    /// <summary>The cost of a jump of an octave within 0.01 s. The default is 0.35.</summary>
    [InRange("0 or more", Min = 0)]
    public double OctaveJumpCost { get; init; } = 0.35;

    /// <summary>The cost of voicing that begins or ends within 0.01 s. The default is 0.14.</summary>
    [InRange("0 or more", Min = 0)]
    public double VoicedUnvoicedCost { get; init; } = 0.14;

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(PitchOptions)).Validate(this, prefix);
        OptionChecks.Check(Ceiling > Floor, prefix + nameof(Ceiling),
            FormattableString.Invariant($"a frequency above {nameof(Floor)}, {Floor} Hz"), Ceiling);
        MeasureSteps.Check(Step, prefix + nameof(Step));
    }
}
