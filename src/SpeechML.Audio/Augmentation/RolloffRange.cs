namespace SpeechML.Audio.Augmentation;

/// <summary>Steepness of a filter.</summary>
internal readonly record struct RolloffRange(int Min, int Max, bool ZeroPhase)
{
    public static RolloffRange Create(string effect, int minRolloff, int maxRolloff, bool zeroPhase)
    {
        int unit = zeroPhase ? 12 : 6;
        EffectChecks.Check(minRolloff >= unit && minRolloff <= maxRolloff && maxRolloff <= 96 && minRolloff % unit == 0
            && maxRolloff % unit == 0, effect,
            $"minRolloff up to maxRolloff, multiples of {unit} within {unit} to 96 dB per octave",
            $"{minRolloff} and {maxRolloff}");
        return new RolloffRange(minRolloff, maxRolloff, zeroPhase);
    }

    /// <summary>Each order gives 6 dB per octave; run twice, 12.</summary>
    public int DrawOrder(AugmentationRandom random)
    {
        int unit = ZeroPhase ? 12 : 6;
        return random.Whole(Min / unit, Max / unit);
    }
}
