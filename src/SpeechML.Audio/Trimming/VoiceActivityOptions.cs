using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// The parameters of <c>torchaudio.functional.vad</c> and of sox's effect <c>vad</c>: names, defaults and meaning are
/// theirs. Times are in seconds,
/// frequencies in Hz.
/// </summary>
public sealed record VoiceActivityOptions
{
    /// <summary>
    /// The level at which activity is found; the louder the background, the higher it should be. The default is 7.
    /// </summary>
    [InRange("0 or more", Min = 0)]
    public double TriggerLevel { get; init; } = 7;

    /// <summary>
    /// The time constant over which the level is averaged, to pass over short bursts. The default is 0.25 s.
    /// </summary>
    [InRange("a time above 0 s", Above = 0)]
    public double TriggerTime { get; init; } = 0.25;

    /// <summary>
    /// How far to search back from the trigger for quieter or shorter bursts that belong to it. The default is 1 s.
    /// </summary>
    [InRange("a time above 0 s", Above = 0)]
    public double SearchTime { get; init; } = 1;

    /// <summary>The longest gap between such bursts. The default is 0.25 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double AllowedGap { get; init; } = 0.25;

    /// <summary>How much to keep ahead of what was found. The default is 0 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double PreTriggerTime { get; init; }

    /// <summary>The time over which the first estimate of the noise is made. The default is 0.35 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public double BootTime { get; init; } = 0.35;

    /// <summary>The time constant of the noise estimate where the level rises. The default is 0.1 s.</summary>
    [InRange("a time above 0 s", Above = 0)]
    public double NoiseUpTime { get; init; } = 0.1;

    /// <summary>The time constant of the noise estimate where the level falls. The default is 0.01 s.</summary>
    [InRange("a time above 0 s", Above = 0)]
    public double NoiseDownTime { get; init; } = 0.01;

    /// <summary>How much of the noise estimate is subtracted. The default is 1.35.</summary>
    [InRange("0 or more", Min = 0)]
    public double NoiseReductionAmount { get; init; } = 1.35;

    /// <summary>Measurements per second. The default is 20.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double MeasureFreq { get; init; } = 20;

    /// <summary>
    /// The length of a measurement; <see langword="null"/>, the default, for twice the measurement period.
    /// </summary>
    [InRange("a time above 0 s", Above = 0)]
    public double? MeasureDuration { get; init; }

    /// <summary>The time constant over which spectra are averaged. The default is 0.4 s.</summary>
    [InRange("a time above 0 s", Above = 0)]
    public double MeasureSmoothTime { get; init; } = 0.4;

    /// <summary>The lowest frequency that counts. The default is 50 Hz.</summary>
    [InRange("0 Hz or more", Min = 0)]
    public double HpFilterFreq { get; init; } = 50;

    /// <summary>The highest frequency that counts, above <see cref="HpFilterFreq"/>. The default is 6000 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double LpFilterFreq { get; init; } = 6000;

    /// <summary>The lowest pitch that counts. The default is 150 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double HpLifterFreq { get; init; } = 150;

    /// <summary>The highest pitch that counts, above <see cref="HpLifterFreq"/>. The default is 2000 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double LpLifterFreq { get; init; } = 2000;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        OptionModel.Of(typeof(VoiceActivityOptions)).Validate(this);
        OptionChecks.Check(LpFilterFreq > HpFilterFreq, nameof(LpFilterFreq),
            FormattableString.Invariant($"a frequency above HpFilterFreq, {HpFilterFreq} Hz"), LpFilterFreq);
        OptionChecks.Check(LpLifterFreq > HpLifterFreq, nameof(LpLifterFreq),
            FormattableString.Invariant($"a frequency above HpLifterFreq, {HpLifterFreq} Hz"), LpLifterFreq);
    }
}
