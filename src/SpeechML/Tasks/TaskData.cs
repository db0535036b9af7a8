namespace SpeechML;

/// <summary>
/// What a task learns from, for its loss: it belongs to one fit and travels with it, so that trainers never change.
/// </summary>
/// <param name="Targets">Targets of each training clip; one number where a clip has one.</param>
public sealed record TaskData(IReadOnlyList<float[]> Targets)
{
    /// <summary>
    /// Weight of each class; <see langword="null"/> where classes are not balanced.
    /// </summary>
    public double[]? ClassWeights { get; init; }

    /// <summary>
    /// Weight of each label's positive clips; <see langword="null"/> where labels are not balanced.
    /// </summary>
    public double[]? PositiveWeights { get; init; }
}
