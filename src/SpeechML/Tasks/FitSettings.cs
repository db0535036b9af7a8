using SpeechML.Encoders.Native;
using SpeechML.Training.Probing;

namespace SpeechML.Tasks;

/// <summary>What one fit goes by.</summary>
/// <param name="Options">The options without <c>auto</c>.</param>
/// <param name="Choice">The layers that were chosen; <see langword="null"/> where the options give them.</param>
/// <param name="Context">What a sweep gives; <see langword="null"/> outside of one.</param>
/// <param name="Seen">What tells the training clips from others.</param>
internal sealed record FitSettings(
    SpeechTrainingOptions Options, LayerChoice? Choice, FitContext? Context, Fingerprint Seen);
