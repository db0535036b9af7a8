namespace SpeechML;

/// <summary>A trial that ended, as a tuner sees it.</summary>
/// <param name="Point">What it tried.</param>
/// <param name="State">How it ended.</param>
/// <param name="Loss">Its metric as a loss: lower is better, also for metrics of which more is better; NaN where it
/// failed.</param>
/// <param name="Epochs">Epochs of its longest fit.</param>
public sealed record TunerObservation(SweepPoint Point, SweepTrialState State, double Loss, int Epochs)
{
    /// <summary>
    /// Best first: whole trials, then stopped ones by how far they came, then failed ones; a cancelled trial says
    /// nothing.
    /// </summary>
    internal static List<TunerObservation> Ranked(IEnumerable<TunerObservation> observations) =>
    [
        .. observations.Where(o => o.State != SweepTrialState.Cancelled)
            .OrderBy(o => o.State switch { SweepTrialState.Finished => 0, SweepTrialState.Pruned => 1, _ => 2 })
            .ThenByDescending(o => o.State == SweepTrialState.Pruned ? o.Epochs : 0)
            .ThenBy(o => double.IsNaN(o.Loss) ? double.PositiveInfinity : o.Loss),
    ];
}
