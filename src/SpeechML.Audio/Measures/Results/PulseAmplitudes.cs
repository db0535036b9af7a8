namespace SpeechML;

/// <summary>The amplitudes of glottal pulses that lie between two good periods.</summary>
/// <param name="Times">The pulses (s).</param>
/// <param name="Values">
/// Of each, the root mean square under a raised cosine of 0.2 of a period on both sides (full scale is 1).
/// </param>
public sealed record PulseAmplitudes(IReadOnlyList<double> Times, IReadOnlyList<double> Values);
