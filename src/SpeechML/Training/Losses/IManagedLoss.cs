namespace SpeechML.Training.Losses;

/// <summary>
/// A loss that is computed without torch, too: for the few clips of a linear model, the calls cost more than the work.
/// </summary>
internal interface IManagedLoss
{
    /// <summary>The sum of <see cref="LossParts"/> and its slope by each output.</summary>
    /// <param name="outputs">(clips, width), row after row.</param>
    /// <param name="targets">(clips, width), or (clips) for class numbers.</param>
    /// <param name="width">Outputs of a clip.</param>
    /// <param name="slopes">Receives the slopes, as <paramref name="outputs"/>; 0 where a target is missing.</param>
    double Sum(ReadOnlySpan<double> outputs, ReadOnlySpan<float> targets, int width, Span<double> slopes);
}
