using SpeechML.Audio.Common;

namespace SpeechML.Sweeps.Tuners;

/// <summary>
/// TPE: densities of the good tenth of the trials and of the others; of some points drawn from the first, the one with
/// the greatest ratio. Shares, weights and
/// widths are those of Optuna's multivariate sampler (<c>optuna/samplers/_tpe</c>, MIT), of which nothing is copied.
/// </summary>
internal sealed class TpeTuner : SweepTuner
{
    private const int MaxGood = 25;
    private const int FullWeight = 25; // of the latest trials; those before count less the older they are
    private readonly int _randomTrials;
    private readonly int _candidates;

    public TpeTuner(int randomTrials, int candidates)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(randomTrials, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
        _randomTrials = randomTrials;
        _candidates = candidates;
    }

    public override SweepPoint? Suggest(
        ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed)
    {
        SeededRandom random = RandomTuner.Stream(seed, trial);
        List<TunerObservation> ranked = TunerObservation.Ranked(ended);
        if (ranked.Count < _randomTrials)
        {
            return space.Draw(random);
        }
        int good = Math.Min((int)Math.Ceiling(0.1 * ranked.Count), MaxGood);
        // In the order in which they ended, so that weights go by age.
        HashSet<TunerObservation> best = new(ranked.Take(good), ReferenceEqualityComparer.Instance);
        HashSet<TunerObservation> known = new(ranked, ReferenceEqualityComparer.Instance);
        ParzenEstimator below = Estimate(space, ended.Where(best.Contains));
        ParzenEstimator above = Estimate(space, ended.Where(o => known.Contains(o) && !best.Contains(o)));
        (SweepPoint Point, double Ratio)? chosen = null;
        for (int i = 0; i < _candidates; i++)
        {
            SweepPoint point = space.Draw(() => below.Draw(random));
            double ratio = below.LogDensity(point) - above.LogDensity(point);
            if (chosen is null || ratio > chosen.Value.Ratio)
            {
                chosen = (point, ratio);
            }
        }
        return chosen!.Value.Point;
    }

    internal override string? Doubt(int maxTrials) => maxTrials > _randomTrials ? null
        : FormattableString.Invariant($"Tuner TPE: expected more trials than the {_randomTrials} that it draws at ") +
        FormattableString.Invariant($"random first, got {maxTrials}: it is a random search. Give more trials, or ") +
        FormattableString.Invariant($"fewer at random (SweepTuner.Tpe(randomTrials: {Math.Max(1, maxTrials / 3)})).");

    public override string Describe() =>
        FormattableString.Invariant($"TPE with {_randomTrials} random trials and {_candidates} candidates");

    private static ParzenEstimator Estimate(ParameterSpace space, IEnumerable<TunerObservation> observations)
    {
        SweepPoint[] points = [.. observations.Select(o => o.Point)];
        return new ParzenEstimator(space, points, Weights(points.Length));
    }

    private static double[] Weights(int count)
    {
        int ramp = Math.Max(0, count - FullWeight);
        return [.. Enumerable.Range(0, count)
            .Select(i => i >= ramp || ramp == 1 ? 1 : (1.0 / count) + ((1 - (1.0 / count)) * i / (ramp - 1)))];
    }
}
