using SpeechML.Training.Caching;

namespace SpeechML.Tasks;

/// <summary>What a sweep gives one fit of a trainer.</summary>
/// <param name="Progress">Told about every step, after the trainer's own observer; what it throws ends the fit.</param>
/// <param name="Cache">What the sweep's trials share.</param>
/// <param name="Cancellation">Stops the fit, as the trainer's own token does.</param>
internal sealed record FitContext(
    IProgress<TrainingProgress> Progress, ActivationCache Cache, CancellationToken Cancellation);
