namespace SpeechML.Data.Evaluation.Association;

/// <summary>A subject's mean of a measure over some of its clips.</summary>
/// <param name="Subject">The subject's number.</param>
/// <param name="Row">One of its clips, whose weight is the subject's.</param>
/// <param name="Value">The mean.</param>
internal readonly record struct SubjectMean(int Subject, int Row, double Value)
{
    /// <summary>The mean of each subject, in the order of their numbers.</summary>
    /// <param name="values">Of each clip.</param>
    /// <param name="subjects">The subject of each clip.</param>
    /// <param name="keep">Which clips count; those without a value do not.</param>
    public static SubjectMean[] Of(double[] values, int[] subjects, Func<int, bool> keep) =>
        [.. Enumerable.Range(0, values.Length).Where(i => double.IsFinite(values[i]) && keep(i))
            .GroupBy(i => subjects[i]).OrderBy(g => g.Key)
            .Select(g => new SubjectMean(g.Key, g.First(), g.Average(i => values[i])))];
}
