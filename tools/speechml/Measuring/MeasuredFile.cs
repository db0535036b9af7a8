namespace SpeechML.Tool.Measuring;

/// <summary>A recording that was measured, or why it was not.</summary>
internal sealed record MeasuredFile(string Name)
{
    /// <summary>The 54 measures.</summary>
    public IReadOnlyList<double>? Values { get; init; }

    /// <summary>Contours, where they were asked for.</summary>
    public VoiceAnalysis? Analysis { get; init; }

    public string? Error { get; init; }

    public static MeasuredFile Of(string name, VoiceAnalysis analysis) =>
        new(name) { Values = analysis.ToVector(), Analysis = analysis };
}
