namespace SpeechML.Runs.Scoring;

/// <summary>A clip of a run with its audio.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Samples">Its samples.</param>
internal sealed record KeptClip(RunClip Clip, ReadOnlyMemory<float> Samples);
