using SpeechML.Training.Optimization;

namespace SpeechML.Training.Checkpoints;

/// <summary>The numbers in a checkpoint, beside its tensors.</summary>
/// <param name="Format">Version of the document.</param>
/// <param name="Identity">The run.</param>
/// <param name="Step">Optimizer steps done; the epoch and the place in it follow.</param>
/// <param name="EpochSum">Summed loss of the unfinished epoch.</param>
/// <param name="EpochWeight">What it is divided by.</param>
/// <param name="Stopping">Epochs evaluated, the best one and its value.</param>
/// <param name="Plateau">What the plateau rule remembers; <see langword="null"/> without one.</param>
/// <param name="LossScale">The scale of the loss in float16; <see langword="null"/> without one.</param>
internal sealed record CheckpointMetadata(
    int Format, RunIdentity Identity, long Step, double EpochSum, double EpochWeight, EarlyStoppingState Stopping,
    PlateauState? Plateau, LossScaleState? LossScale = null)
{
    public const int CurrentFormat = 1;
}
