namespace SpeechML.Training.Probing;

/// <summary>What a linear model on fixed features minimises for a task.</summary>
/// <param name="Loss">The task's own natural loss; convex unless the outputs allow none other.</param>
/// <param name="IsTheOption">Whether it is the loss that the options ask for, so that its solution is the head.</param>
internal sealed record LinearObjective(Loss Loss, bool IsTheOption)
{
    /// <summary>
    /// Factor of the loss against the penalty. A squared error is given the curvature that the logistic loss has at 0,
    /// 1/4, so that one strength serves all tasks.
    /// </summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether all outputs share one vector of weights (CORAL).</summary>
    public bool SharesWeights { get; init; }

    /// <summary>Whether targets are quantities.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Targets as the loss takes them, where those of the run's loss are others.</summary>
    public Func<float[], float[]> Target { get; init; } = t => t;
}
