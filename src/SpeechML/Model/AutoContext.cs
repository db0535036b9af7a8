using System.Globalization;

namespace SpeechML.Model;

/// <summary>What <see cref="WhisperContext.Auto"/> stands for.</summary>
internal static class AutoContext
{
    /// <summary>Clips that are looked at; more do not tell more.</summary>
    public const int Clips = 1000;

    private const double LongestShort = 10; // s; trimmed to a third of what Whisper is shown or less

    /// <summary>The context that the options mean.</summary>
    /// <param name="options">The options.</param>
    /// <param name="config">The encoder.</param>
    /// <param name="initial">That of the model that a training begins with; <see langword="null"/> for none.</param>
    public static WhisperContext Of(SpeechEncodingOptions options, EncoderConfig config, WhisperContext? initial)
    {
        if (options.WhisperContext != WhisperContext.Auto)
        {
            return options.WhisperContext;
        }
        // Only Whisper is always shown as much; Python's classifiers always show it 30 s.
        if (config.MaxSamples is null || options.PoolsAsPython || (initial is null && options.Lengths is null))
        {
            return WhisperContext.Exact30Seconds;
        }
        if (initial is { } taken)
        {
            options.Say?.Invoke($"Whisper context: {taken}, as InitialModel has it");
            return taken;
        }
        double[] seconds = [.. options.Lengths!().Take(Clips).Order()];
        if (seconds.Length == 0)
        {
            return WhisperContext.Exact30Seconds;
        }
        double median = seconds[(seconds.Length - 1) / 2];
        WhisperContext found = median <= LongestShort ? WhisperContext.Trimmed : WhisperContext.Exact30Seconds;
        options.Say?.Invoke(string.Create(CultureInfo.InvariantCulture,
            $"Whisper context: {found}, because half of the first {seconds.Length} clips are at most {median:F1} s " +
            $"long ({LongestShort:F0} s or less is Trimmed); set WhisperContext to choose another"));
        return found;
    }
}
