namespace SpeechML;

/// <summary>Intensity over time.</summary>
/// <param name="Times">The middle of each frame (s), equally spaced.</param>
/// <param name="Step">Time between frames (s).</param>
/// <param name="Level">
/// The level of each frame: dB re 20 µPa where a sample of 1 counts as 1 Pa; -300 is digital silence.
/// </param>
public sealed record IntensityContour(IReadOnlyList<double> Times, double Step, IReadOnlyList<double> Level);
