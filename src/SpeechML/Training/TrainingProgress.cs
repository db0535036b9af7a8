namespace SpeechML;

/// <summary>
/// How far a training run is; reported after every optimizer step and, with <see cref="EpochLoss"/>, at the end of an
/// epoch.
/// </summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Steps">Optimizer steps in all.</param>
/// <param name="Loss">Loss of this step.</param>
/// <param name="EpochLoss">Mean loss over the epoch, at its end; else <see langword="null"/>.</param>
/// <param name="EncoderLearningRate">The encoder's learning rate in this step.</param>
/// <param name="HeadLearningRate">The head's learning rate in this step.</param>
/// <param name="GradientNorm">Total norm of the gradient before clipping.</param>
/// <param name="Elapsed">Time since training began, or was gone on with.</param>
/// <param name="Remaining">Time left at the present pace.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    long Step,
    long Steps,
    double Loss,
    double? EpochLoss,
    double EncoderLearningRate,
    double HeadLearningRate,
    double GradientNorm,
    TimeSpan Elapsed,
    TimeSpan Remaining)
{
    /// <summary>
    /// How the epoch did on the validation data, at its end; <see langword="null"/> within an epoch and without
    /// validation data.
    /// </summary>
    public ValidationMetrics? Validation { get; init; }

    /// <summary>
    /// The best epoch so far, at the end of an epoch; <see langword="null"/> within an epoch and without validation
    /// data.
    /// </summary>
    public int? BestEpoch { get; init; }

    /// <summary>
    /// How the training ended, in its last report; else <see langword="null"/>. A training that is resumed behind its
    /// end reports nothing.
    /// </summary>
    public TrainingOutcome? Outcome { get; init; }
}
