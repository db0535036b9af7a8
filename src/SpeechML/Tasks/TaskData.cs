namespace SpeechML.Tasks;

/// <summary>
/// What a task learns from: it belongs to one fit and travels with it, so that trainers never change.
/// </summary>
/// <param name="Targets">Targets of each training clip.</param>
internal sealed record TaskData(IReadOnlyList<float[]> Targets)
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
