using SpeechML.Sweeps.Pruners;

namespace SpeechML;

/// <summary>Says after each epoch whether a trial is worth going on with.</summary>
public abstract class SweepPruner
{
    private protected SweepPruner()
    {
    }

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

    /// <summary>Whether a trial is to be stopped.</summary>
    /// <param name="epoch">The epoch that ended, from 1.</param>
    /// <param name="loss">What the trial came to by this epoch; lower is better, NaN where it has no value.</param>
    /// <param name="losses">What the trials that came as far had come to by then, this one among them.</param>
    internal abstract bool ShouldStop(int epoch, double loss, IReadOnlyList<double> losses);

    /// <summary>For the study's identity.</summary>
    internal abstract string Describe();

    private sealed class NoPruner : SweepPruner
    {
        internal override bool ShouldStop(int epoch, double loss, IReadOnlyList<double> losses) => false;

        internal override string Describe() => "none";
    }
}
