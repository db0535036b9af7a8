namespace SpeechML.Data.Evaluation.Resampling;

/// <summary>Which clip is whose: subjects numbered in the order of their first clip.</summary>
internal sealed class SubjectIndex
{
    /// <summary>Numbers them.</summary>
    /// <exception cref="ArgumentException">No clips, or an empty subject: names the row.</exception>
    public SubjectIndex(IReadOnlyList<string> subjects)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        OfRow = new int[subjects.Count];
        for (int i = 0; i < OfRow.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(subjects[i]))
            {
                throw new ArgumentException($"Subject in row {i}: expected a name, got an empty text.");
            }
            OfRow[i] = numbers.TryGetValue(subjects[i], out int number) ? number : numbers[subjects[i]] = numbers.Count;
        }
        Names = [.. numbers.Keys];
    }

    /// <summary>The subjects, by number.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The subject of each clip.</summary>
    public int[] OfRow { get; }

    /// <summary>The clips of each subject.</summary>
    public int[][] Rows()
    {
        var rows = new List<int>[Names.Count];
        for (int i = 0; i < OfRow.Length; i++)
        {
            (rows[OfRow[i]] ??= []).Add(i);
        }
        return [.. rows.Select(r => r.ToArray())];
    }

    /// <summary>Expands subject multiplicities to clip multiplicities.</summary>
    public void Expand(ReadOnlySpan<int> timesOfSubject, Span<int> timesOfRow)
    {
        for (int i = 0; i < timesOfRow.Length; i++)
        {
            timesOfRow[i] = timesOfSubject[OfRow[i]];
        }
    }
}
