namespace SpeechML.Training.Optimization;

/// <summary>What an <see cref="EarlyStopping"/> remembers; a resumed run starts from it.</summary>
/// <param name="Epochs">Epochs reported.</param>
/// <param name="BestEpoch">The best so far, from 0; <see langword="null"/> if none.</param>
/// <param name="BestValue">Its value.</param>
/// <param name="BadEpochs">Epochs since then.</param>
internal sealed record EarlyStoppingState(int Epochs, int? BestEpoch, double? BestValue, int BadEpochs);

/// <summary>
/// Stops a run whose metric no longer improves. An epoch is better if there is no best yet or it beats the best by more
/// than <c>minDelta</c>; a NaN is
/// never better. The run stops after the epoch at which <c>patience</c> epochs in a row were not better.
/// </summary>
internal sealed class EarlyStopping
{
    private readonly int _patience;
    private readonly double _minDelta;
    private readonly bool _lowerIsBetter;

    /// <summary>Creates it.</summary>
    /// <param name="patience">Epochs without improvement after which to stop, at least 1.</param>
    /// <param name="minDelta">Smallest improvement that counts, exclusive.</param>
    /// <param name="lowerIsBetter">Whether the metric is a loss.</param>
    public EarlyStopping(int patience, double minDelta = 0, bool lowerIsBetter = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1);
        if (!(minDelta >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(minDelta), minDelta,
                "Early stopping: the smallest improvement must be at least 0.");
        }
        _patience = patience;
        _minDelta = minDelta;
        _lowerIsBetter = lowerIsBetter;
    }

    /// <summary>What it remembers.</summary>
    public EarlyStoppingState State { get; set; } = new(0, null, null, 0);

    /// <summary>Whether the last epoch reported is the best so far.</summary>
    public bool IsBest => State.BestEpoch is int best && best == State.Epochs - 1;

    /// <summary>Whether the run should stop.</summary>
    public bool ShouldStop => State.BadEpochs >= _patience;

    /// <summary>Takes the metric of the next epoch.</summary>
    /// <returns><see cref="ShouldStop"/>.</returns>
    public bool Report(double value)
    {
        bool better = !double.IsNaN(value)
            && (State.BestValue is not double best
                || (_lowerIsBetter ? value < best - _minDelta : value > best + _minDelta));
        State = better
            ? new EarlyStoppingState(State.Epochs + 1, State.Epochs, value, 0)
            : State with { Epochs = State.Epochs + 1, BadEpochs = State.BadEpochs + 1 };
        return ShouldStop;
    }
}
