namespace SpeechML;

/// <summary>What a measure is.</summary>
/// <param name="Name">Its name, as <c>f0_mean</c>; the slot's name in a vector.</param>
/// <param name="Unit">Its unit, as <c>Hz</c>; <c>ratio</c> where it has none.</param>
/// <param name="Group">What it is about: pitch, voicing, jitter, shimmer, and so on.</param>
/// <param name="Summary">What it is, in a line.</param>
public sealed record VoiceMeasureInfo(string Name, string Unit, string Group, string Summary);
