using SpeechML.Sweeps.Tuners;

namespace SpeechML;

/// <summary>
/// Chooses what each trial of a sweep tries. Derive from it for a tuner of your own: a choice must depend only on the
/// arguments of <see cref="Suggest"/>, so that a resumed study and other workers choose alike.
/// </summary>
public abstract class SweepTuner
{
    /// <summary>Whether the tuner runs out of points, so that a sweep needs no other limit. The default is
    /// <see langword="false"/>.</summary>
    public virtual bool EndsByItself => false;

    /// <summary>
    /// Every combination once, in an order drawn from the seed; combinations that the options refuse are left out.
    /// </summary>
    /// <param name="pointsPerRange">Values taken of a range, evenly on its scale, both ends included.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 points.</exception>
    public static SweepTuner Grid(int pointsPerRange = 5) => new GridTuner(pointsPerRange);

    /// <summary>Every trial drawn anew, uniformly on the parameters' scales (Bergstra and Bengio, 2012).</summary>
    public static SweepTuner Random() => new RandomTuner();

    /// <summary>
    /// The tree-structured Parzen estimator (Bergstra et al., 2011), over all parameters jointly as in Optuna's
    /// multivariate TPE (Falkner et al., 2018): after some random
    /// trials, the point at which good trials are densest in proportion to the others.
    /// </summary>
    /// <param name="randomTrials">Trials drawn at random first.</param>
    /// <param name="candidates">Points drawn for each choice.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is below 1.</exception>
    public static SweepTuner Tpe(int randomTrials = 10, int candidates = 24) => new TpeTuner(randomTrials, candidates);

    /// <summary>Chooses the point of the next trial. Called by one thread at a time; may be called again for the
    /// same trial.</summary>
    /// <param name="space">The search space.</param>
    /// <param name="ended">The trials that ended, in the order in which they did; others may be running.</param>
    /// <param name="trial">Number of the trial, from 0.</param>
    /// <param name="seed">Seed of the sweep.</param>
    /// <returns>A point that <paramref name="space"/> allows; <see langword="null"/> where none is left.</returns>
    public abstract SweepPoint? Suggest(
        ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed);

    /// <summary>Name and settings, as text. It is part of the study's identity: a study is resumed only by a tuner
    /// with the same description.</summary>
    public abstract string Describe();

    /// <summary>What speaks against a sweep of so many trials, for a warning; else <see langword="null"/>.</summary>
    internal virtual string? Doubt(int maxTrials) => null;
}
