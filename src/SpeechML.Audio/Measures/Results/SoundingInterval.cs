namespace SpeechML;

/// <summary>A stretch of a recording that sounds, or does not.</summary>
/// <param name="Start">Where it begins (s).</param>
/// <param name="End">Where it ends (s).</param>
/// <param name="IsSounding">Whether it sounds.</param>
public readonly record struct SoundingInterval(double Start, double End, bool IsSounding);
