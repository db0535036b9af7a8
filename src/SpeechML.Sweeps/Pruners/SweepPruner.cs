using SpeechML.Sweeps.Pruners;

namespace SpeechML;

/// <summary>
/// Decides after each epoch whether a trial continues. Derive from it for a pruner of your own: a decision must depend
/// only on the arguments of <see cref="ShouldStop"/>, so that a resumed study and other workers decide alike.
/// </summary>
public abstract class SweepPruner
{
    /// <summary>Every trial takes all its epochs.</summary>
    public static SweepPruner None { get; } = new NoPruner();

    /// <summary>
    /// Asynchronous successive halving (Li et al., 2020) that stops trials instead of pausing them: at 1, η, η², ...
    /// times <paramref name="firstEpochs"/> epochs a trial goes on only if it is
    /// among the best 1/η of all trials that came as far so far.
    /// </summary>
    /// <param name="firstEpochs">Epochs that every trial is given.</param>
    /// <param name="reduction">η: the share kept at each rung is its inverse.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public static SweepPruner Asha(int firstEpochs = 1, int reduction = 3) => new AshaPruner(firstEpochs, reduction);

    /// <summary>Whether a trial is stopped. Called after each epoch but the last of a trial's first fit.</summary>
    /// <param name="epoch">The epoch that ended, from 1.</param>
    /// <param name="loss">The trial's metric by this epoch, as a loss: lower is better, also for metrics of which more
    /// is better; NaN where it has no value.</param>
    /// <param name="losses">Losses at this epoch of all trials that reached it, including this one; no NaN.</param>
    public abstract bool ShouldStop(int epoch, double loss, IReadOnlyList<double> losses);

    /// <summary>Name and settings, as text. It is part of the study's identity: a study is resumed only by a pruner
    /// with the same description.</summary>
    public abstract string Describe();

    private sealed class NoPruner : SweepPruner
    {
        public override bool ShouldStop(int epoch, double loss, IReadOnlyList<double> losses) => false;

        public override string Describe() => "none";
    }
}
