namespace SpeechML;

/// <summary>
/// The parameters of <c>torchaudio.functional.vad</c> and of sox's effect <c>vad</c>: names, defaults and meaning are
/// theirs. Times are in seconds,
/// frequencies in Hz.
/// </summary>
public sealed record VoiceActivityOptions
{
    /// <summary>The level at which activity is found; the louder the background, the higher it should be.</summary>
    public double TriggerLevel { get; init; } = 7;

    /// <summary>The time constant over which the level is averaged, to pass over short bursts.</summary>
    public double TriggerTime { get; init; } = 0.25;

    /// <summary>How far to search back from the trigger for quieter or shorter bursts that belong to it.</summary>
    public double SearchTime { get; init; } = 1;

    /// <summary>The longest gap between such bursts.</summary>
    public double AllowedGap { get; init; } = 0.25;

    /// <summary>How much to keep ahead of what was found.</summary>
    public double PreTriggerTime { get; init; }

    /// <summary>The time over which the first estimate of the noise is made.</summary>
    public double BootTime { get; init; } = 0.35;

    /// <summary>The time constant of the noise estimate where the level rises.</summary>
    public double NoiseUpTime { get; init; } = 0.1;

    /// <summary>The time constant of the noise estimate where the level falls.</summary>
    public double NoiseDownTime { get; init; } = 0.01;

    /// <summary>How much of the noise estimate is subtracted.</summary>
    public double NoiseReductionAmount { get; init; } = 1.35;

    /// <summary>Measurements per second.</summary>
    public double MeasureFreq { get; init; } = 20;

    /// <summary>The length of a measurement; null is twice the measurement period.</summary>
    public double? MeasureDuration { get; init; }

    /// <summary>The time constant over which spectra are averaged.</summary>
    public double MeasureSmoothTime { get; init; } = 0.4;

    /// <summary>The lowest frequency that counts.</summary>
    public double HpFilterFreq { get; init; } = 50;

    /// <summary>The highest frequency that counts.</summary>
    public double LpFilterFreq { get; init; } = 6000;

    /// <summary>The lowest pitch that counts.</summary>
    public double HpLifterFreq { get; init; } = 150;

    /// <summary>The highest pitch that counts.</summary>
    public double LpLifterFreq { get; init; } = 2000;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        Check(nameof(TriggerLevel), TriggerLevel, 0, inclusive: true);
        Check(nameof(TriggerTime), TriggerTime, 0);
        Check(nameof(SearchTime), SearchTime, 0);
        Check(nameof(AllowedGap), AllowedGap, 0, inclusive: true);
        Check(nameof(PreTriggerTime), PreTriggerTime, 0, inclusive: true);
        Check(nameof(BootTime), BootTime, 0, inclusive: true);
        Check(nameof(NoiseUpTime), NoiseUpTime, 0);
        Check(nameof(NoiseDownTime), NoiseDownTime, 0);
        Check(nameof(NoiseReductionAmount), NoiseReductionAmount, 0, inclusive: true);
        Check(nameof(MeasureFreq), MeasureFreq, 0);
        Check(nameof(MeasureDuration), MeasureDuration ?? 1, 0);
        Check(nameof(MeasureSmoothTime), MeasureSmoothTime, 0);
        Check(nameof(HpFilterFreq), HpFilterFreq, 0, inclusive: true);
        Check(nameof(LpFilterFreq), LpFilterFreq, HpFilterFreq);
        Check(nameof(HpLifterFreq), HpLifterFreq, 0);
        Check(nameof(LpLifterFreq), LpLifterFreq, HpLifterFreq);
    }

    private static void Check(string name, double value, double lower, bool inclusive = false)
    {
        if (!double.IsFinite(value) || value < lower || (value == lower && !inclusive))
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                $"{name}: expected a number {(inclusive ? "of at least" : "above")} {lower}, got {value}."));
        }
    }
}
