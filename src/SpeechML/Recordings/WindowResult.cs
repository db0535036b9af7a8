using SpeechML.Model.Pooling;

namespace SpeechML.Recordings;

/// <summary>What one window of a long clip gives.</summary>
/// <param name="Frames">Frames that are pooled.</param>
/// <param name="Pooled">They, where windows are pooled together; else <see langword="null"/>.</param>
/// <param name="Outputs">The window's outputs, where it is scored by itself; else empty.</param>
internal sealed record WindowResult(int Frames, RunningPooling? Pooled, float[] Outputs);
