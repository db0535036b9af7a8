using System.Globalization;

namespace SpeechML.Audio.Measures;

/// <summary>What the messages about suspect recordings have in common.</summary>
internal static class SuspectAudio
{
    /// <summary>A level, as decibels of full scale.</summary>
    public static string Decibels(double magnitude) =>
        string.Create(CultureInfo.InvariantCulture, $"{20 * Math.Log10(magnitude):F1} dB of full scale");

    /// <summary>Channels that cancel.</summary>
    /// <param name="channels">Their number.</param>
    /// <param name="decibels">By how much their mean lies below them.</param>
    public static string Cancelling(int channels, double decibels) => string.Create(CultureInfo.InvariantCulture,
        $"expected channels that add up, got {channels} that cancel: their mean is " +
        $"{(double.IsInfinity(decibels) ? "silence" : $"{decibels:F0} dB below them")}. One is inverted");

    /// <summary>Samples far beyond full scale.</summary>
    public static string OutOfRange(double peak) => string.Create(CultureInfo.InvariantCulture,
        $"expected samples of about -1 to 1, got some of a magnitude of {peak:G6}: integers in a file of " +
        $"floating-point numbers");
}
