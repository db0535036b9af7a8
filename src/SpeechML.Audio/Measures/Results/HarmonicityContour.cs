namespace SpeechML;

/// <summary>Harmonics-to-noise ratio over time.</summary>
/// <param name="Times">The middle of each frame (s), equally spaced.</param>
/// <param name="Step">Time between frames (s).</param>
/// <param name="Ratio">10 log10(r / (1 - r)) of the correlation r (dB), -150 to 150; NaN where silent.</param>
/// <param name="IsConstant">
/// Frames of equal samples (digital silence): their ratio is one of rounding errors, and no mean has it.
/// </param>
public sealed record HarmonicityContour(
    IReadOnlyList<double> Times, double Step, IReadOnlyList<double> Ratio, IReadOnlyList<bool> IsConstant);
