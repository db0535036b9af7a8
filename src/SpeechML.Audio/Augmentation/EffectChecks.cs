using System.Runtime.CompilerServices;

namespace SpeechML.Audio.Augmentation;

/// <summary>Checks of effect parameters, with one form of message: effect, expected, got.</summary>
internal static class EffectChecks
{
    /// <summary>The shortest fade: 2 samples at 8 kHz.</summary>
    public const double ShortestFade = 0.00025;

    public static void Check(bool valid, string effect, string expected, string got)
    {
        if (!valid)
        {
            throw new ArgumentException($"{effect}: expected {expected}, got {got}.");
        }
    }

    /// <summary>A single number between two limits.</summary>
    public static double InRange(
        string effect, double value, double lowest, double highest, string unit = "",
        [CallerArgumentExpression(nameof(value))] string name = "")
    {
        Check(value >= lowest && value <= highest, effect,
            FormattableString.Invariant($"{name} of {lowest} to {highest}{unit}"),
            FormattableString.Invariant($"{value}"));
        return value;
    }

    /// <summary>A fade (s): none, or long enough to be one.</summary>
    public static double Fade(string effect, double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        Check(value == 0 || value is >= ShortestFade and <= 10, effect,
            FormattableString.Invariant($"{name} of 0 or {ShortestFade} to 10 s"),
            FormattableString.Invariant($"{value}"));
        return value;
    }

    public static T Defined<T>(string effect, T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
    {
        Check(Enum.IsDefined(value), effect, $"{name} to be one of {string.Join(", ", Enum.GetNames<T>())}",
            value.ToString());
        return value;
    }
}
