using SpeechML.Sweeps.Space;
using SpeechML.Sweeps.Tuners;

namespace SpeechML;

/// <summary>
/// Chooses what the next trial of a sweep tries. Every choice follows from the sweep's seed, the trial's number and the
/// trials that ended before: a study that goes on
/// chooses as it would have.
/// </summary>
public abstract class SweepTuner
{
    private protected SweepTuner()
    {
    }

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

    /// <summary>What a trial tries; <see langword="null"/> where there is nothing left.</summary>
    /// <param name="space">What there is to choose from.</param>
    /// <param name="ended">The trials that ended.</param>
    /// <param name="trial">Number of the trial, from 0.</param>
    /// <param name="seed">Seed of the sweep.</param>
    internal abstract SweepPoint? Suggest(
        ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed);

    /// <summary>For the study's identity.</summary>
    internal abstract string Describe();
}
