using SpeechML.Training.Caching;

namespace SpeechML.Tasks;

/// <summary>What a sweep gives one fit of a trainer.</summary>
/// <param name="Progress">Told about every step, after the trainer's own observer; what it throws ends the fit.</param>
/// <param name="Cache">What the sweep's trials share.</param>
/// <param name="Cancellation">Stops the fit, as the trainer's own token does.</param>
internal sealed record FitContext(
    IProgress<TrainingProgress> Progress, ActivationCache Cache, CancellationToken Cancellation)
{
    /// <summary>
    /// The checkpoints that the fit may go on from, newest first; <see langword="null"/> for all in its folder.
    /// </summary>
    public IReadOnlyList<string>? Resumable { get; init; }
}
