namespace SpeechML;

/// <summary>How the learning rates move over the run.</summary>
public enum LearningRateDecay
{
    /// <summary>The rates stay as given, after the warm-up.</summary>
    Constant,

    /// <summary>Linear warm-up from 0, then linear decay to 0.</summary>
    Linear,

    /// <summary>
    /// Linear warm-up from 0, then half a cosine to 0 (transformers' <c>get_cosine_schedule_with_warmup</c>).
    /// </summary>
    Cosine,

    /// <summary>
    /// Linear warm-up from 0, then by the same factor in every step, down to
    /// <see cref="ScheduleOptions.EndFactor"/> of the peak at the end: with n steps after
    /// the warm-up the factor is <c>EndFactor^(1/n)</c>; or by
    /// <see cref="ScheduleOptions.Gamma"/> where that is given.
    /// </summary>
    Exponential,

    /// <summary>
    /// Linear warm-up from 0, then as given until a figure of the validation data
    /// (<see cref="EarlyStoppingOptions.Metric"/>, else the loss) has not improved for more than
    /// <see cref="ScheduleOptions.PlateauPatience"/> epochs, and then times
    /// <see cref="ScheduleOptions.PlateauFactor"/> (PyTorch's <c>ReduceLROnPlateau</c>).
    /// </summary>
    Plateau,

    /// <summary>
    /// For <see cref="ScheduleOptions.HeadDecay"/>: as <see cref="ScheduleOptions.Decay"/> says.
    /// </summary>
    AsEncoder,
}
