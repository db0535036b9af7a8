namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>How well scores follow the ratings themselves, before any threshold.</summary>
internal static class RatingCorrelation
{
    /// <summary>
    /// Spearman's rank correlation per feature over its rated clips, its mean (macro), the mean weighted by rated
    /// clips, and over all rated entries
    /// pooled (micro).
    /// </summary>
    /// <param name="ratings">One row per clip; -1 or NaN is missing.</param>
    /// <param name="scores">One row per clip.</param>
    /// <exception cref="ArgumentException">No rows, lengths that differ, a score that is not finite: names the
    /// row.</exception>
    public static LabelAverages Spearman(IReadOnlyList<double[]> ratings, IReadOnlyList<double[]> scores)
    {
        MetricInput.CheckRows(ratings.Count, scores.Count);
        int columns = ratings[0].Length;
        var perLabel = new MetricValue[columns];
        int[] rated = new int[columns];
        List<double> allRatings = [], allScores = [];
        for (int j = 0; j < columns; j++)
        {
            int first = allRatings.Count;
            for (int i = 0; i < ratings.Count; i++)
            {
                MetricInput.CheckFinite(scores[i][j], i);
                if (!double.IsNaN(ratings[i][j]) && ratings[i][j] != -1)
                {
                    allRatings.Add(ratings[i][j]);
                    allScores.Add(scores[i][j]);
                }
            }
            rated[j] = allRatings.Count - first;
            perLabel[j] = Spearman(allRatings.Skip(first), allScores.Skip(first));
        }
        return LabelAverages.Of(perLabel, rated, Spearman(allRatings, allScores));
    }

    private static MetricValue Spearman(IEnumerable<double> ratings, IEnumerable<double> scores) =>
        SpeechMetrics.Spearman.Compute(EvaluatedClips.Regression([.. ratings], [.. scores]));
}
