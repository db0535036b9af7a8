namespace SpeechML.Data.Speakers;

/// <summary>
/// The equal error rate of pairs of clips: where as large a share of pairs of one speaker is refused as of pairs of two
/// is accepted. Pairs have weights, so that speakers can be resampled.
/// </summary>
internal sealed class EqualError
{
    private readonly (double Score, bool Same, int First, int Second)[] _pairs;

    /// <param name="pairs">Score of each pair, whether one speaker is in it, and the numbers of its speakers.</param>
    public EqualError(IEnumerable<(double Score, bool Same, int First, int Second)> pairs)
    {
        _pairs = [.. pairs.OrderBy(p => p.Score)];
    }

    /// <summary>The rate, where each speaker counts as often as it was drawn.</summary>
    public MetricValue Rate(ReadOnlySpan<int> times) => Crossing(times).Rate;

    /// <summary>The rate and the score from which on a pair is accepted there.</summary>
    /// <param name="times">How often each speaker was drawn.</param>
    public (MetricValue Rate, double Threshold) Crossing(ReadOnlySpan<int> times)
    {
        double same = 0, different = 0;
        foreach ((_, bool isSame, int first, int second) in _pairs)
        {
            double weight = Weight(times, isSame, first, second);
            (same, different) = isSame ? (same + weight, different) : (same, different + weight);
        }
        if (same == 0 || different == 0)
        {
            return (MetricValue.Because(same == 0 ? "no pairs of one speaker" : "no pairs of two speakers"),
                double.NaN);
        }
        // Below every score: nothing is refused, everything accepted.
        double refused = 0, accepted = 1, threshold = _pairs[0].Score, sameBelow = 0, differentBelow = 0;
        for (int i = 0; i < _pairs.Length;)
        {
            (double before, double beforeAccepted) = (refused, accepted);
            double score = _pairs[i].Score;
            for (; i < _pairs.Length && _pairs[i].Score == score; i++)
            {
                double weight = Weight(times, _pairs[i].Same, _pairs[i].First, _pairs[i].Second);
                (sameBelow, differentBelow) = _pairs[i].Same ? (sameBelow + weight, differentBelow)
                    : (sameBelow, differentBelow + weight);
            }
            (refused, accepted) = (sameBelow / same, (different - differentBelow) / different);
            threshold = i < _pairs.Length ? _pairs[i].Score : Math.BitIncrement(score);
            if (refused >= accepted)
            {
                // Linear between the two points of the curve.
                double gap = beforeAccepted - before, share = gap / (gap + refused - accepted);
                return (Math.Clamp(before + (share * (refused - before)), 0, 1), threshold);
            }
        }
        return (1, threshold);
    }

    private static double Weight(ReadOnlySpan<int> times, bool same, int first, int second) =>
        same ? times[first] : (double)times[first] * times[second];
}
