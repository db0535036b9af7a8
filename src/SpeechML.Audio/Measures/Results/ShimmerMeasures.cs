namespace SpeechML;

/// <summary>
/// How much the amplitudes of pulses vary from one to the next; NaN where too few follow one another. All ratios are
/// over the mean of all amplitudes but the last.
/// </summary>
/// <param name="Local">Mean difference of neighbouring amplitudes (ratio).</param>
/// <param name="LocalDb">Mean level difference of neighbouring amplitudes (dB).</param>
/// <param name="Apq3">Mean difference of an amplitude from the mean of three (ratio).</param>
/// <param name="Apq5">The same of five (ratio).</param>
/// <param name="Apq11">The same of eleven (ratio).</param>
/// <param name="Dda">Mean difference of neighbouring differences: 3 APQ3 (ratio).</param>
public sealed record ShimmerMeasures(
    double Local, double LocalDb, double Apq3, double Apq5, double Apq11, double Dda);
