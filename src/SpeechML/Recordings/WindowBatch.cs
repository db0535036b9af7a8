using SpeechML.Data.Recordings;
using SpeechML.Model;

namespace SpeechML.Recordings;

/// <summary>Windows of one long clip that go through the network together.</summary>
/// <param name="Clips">The windows as a batch.</param>
/// <param name="Windows">Which frames of each count.</param>
internal sealed record WindowBatch(Batch Clips, IReadOnlyList<AudioWindow> Windows);
