namespace SpeechML;

/// <summary>Formants over time, of each frame from the lowest to the highest.</summary>
/// <param name="Times">The middle of each frame (s), equally spaced.</param>
/// <param name="Step">Time between frames (s).</param>
/// <param name="Frequency"><c>[formant][frame]</c> (Hz), F1 first; NaN where a frame has fewer.</param>
/// <param name="Bandwidth"><c>[formant][frame]</c> (Hz).</param>
/// <param name="Ceiling">Where formants were looked for at most (Hz).</param>
public sealed record FormantContour(
    IReadOnlyList<double> Times, double Step, IReadOnlyList<IReadOnlyList<double>> Frequency,
    IReadOnlyList<IReadOnlyList<double>> Bandwidth, double Ceiling);
