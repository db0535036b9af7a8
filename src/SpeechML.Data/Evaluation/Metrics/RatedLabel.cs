namespace SpeechML.Data.Evaluation.Metrics;

/// <summary>The rated clips of one label with their scores, which need not be probabilities.</summary>
internal sealed record RatedLabel(string Name, bool[] Positive, double[] Scores)
{
    /// <summary>Takes the missing entries out.</summary>
    /// <exception cref="ArgumentException">No rows, sizes that differ, a label or score out of range: names the
    /// row.</exception>
    public static RatedLabel[] Collect(
        IReadOnlyList<double[]> labels, IReadOnlyList<double[]> scores, IReadOnlyList<string>? names)
    {
        MetricInput.CheckRows(labels.Count, scores.Count);
        int columns = labels[0].Length;
        var positive = new List<bool>[columns];
        var values = new List<double>[columns];
        for (int j = 0; j < columns; j++)
        {
            (positive[j], values[j]) = ([], []);
        }
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i].Length != columns || scores[i].Length != columns)
            {
                throw new ArgumentException(
                    $"Row {i}: expected {columns} labels and scores as in row 0, got {labels[i].Length} labels and " +
                    $"{scores[i].Length} scores.");
            }
            for (int j = 0; j < columns; j++)
            {
                MetricInput.CheckFinite(scores[i][j], i);
                if (MetricInput.Label(labels[i][j], i) is bool p)
                {
                    positive[j].Add(p);
                    values[j].Add(scores[i][j]);
                }
            }
        }
        return [.. Enumerable.Range(0, columns)
            .Select(j => new RatedLabel(names?[j] ?? $"label {j}", [.. positive[j]], [.. values[j]]))];
    }
}
