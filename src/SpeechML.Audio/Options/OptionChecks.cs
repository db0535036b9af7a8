using SpeechML.Audio.Common;

namespace SpeechML.Audio.Options;

/// <summary>Checks of options, with one form of message.</summary>
internal static class OptionChecks
{
    private const int MaxQuoted = 500; // a path is whole

    public static void Check(bool valid, string option, string expected, object? got)
    {
        if (!valid)
        {
            throw new ArgumentException(
                $"Option {option}: expected {expected}, got " +
                $"'{ShortText.Of(FormattableString.Invariant($"{got}"), MaxQuoted)}'.");
        }
    }

    public static void CheckEnum<T>(T value, string option)
        where T : struct, Enum =>
        Check(Enum.IsDefined(value), option, $"one of {string.Join(", ", Enum.GetNames<T>())}", value);
}
