namespace SpeechML;

/// <summary>Cepstral peak prominence over time.</summary>
/// <param name="Times">The middle of each frame (s), equally spaced.</param>
/// <param name="Step">Time between frames (s).</param>
/// <param name="Prominence">How far the peak stands out of the line (dB); NaN in recordings of a few ms.</param>
/// <param name="Quefrency">Where the peak is (s): the period of the voice, where there is one.</param>
/// <param name="IsConstant">
/// Frames of equal samples (digital silence): their cepstrum is one of rounding errors, and no mean has it.
/// </param>
public sealed record CepstralPeakContour(
    IReadOnlyList<double> Times, double Step, IReadOnlyList<double> Prominence, IReadOnlyList<double> Quefrency,
    IReadOnlyList<bool> IsConstant);
