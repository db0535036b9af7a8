namespace SpeechML.Audio.Augmentation;

/// <summary>Lengths in samples.</summary>
internal static class AudioUnits
{
    /// <summary>A length as a whole number of samples, rounded.</summary>
    public static int ToSamples(double value, AudioUnit unit, int length, int rate) =>
        (int)Math.Clamp(Math.Round(
            value * (unit switch { AudioUnit.Fraction => length, AudioUnit.Seconds => rate, _ => 1 })), -1e9, 1e9);
}
