namespace SpeechML.Data.Checking;

/// <summary>When a class is so rare that it may never be predicted.</summary>
internal static class ClassBalance
{
    /// <summary>The commonest class has as many clips for one of the rarest, and more is too many.</summary>
    public const int Ratio = 16;

    /// <summary>The rarest class that occurs, where it is too rare; else <see langword="null"/>.</summary>
    /// <param name="counts">Clips of each class.</param>
    public static (string Class, int Count, string Commonest, int Most)? Rarest(IReadOnlyDictionary<string, int> counts)
    {
        if (counts.Count < 2)
        {
            return null;
        }
        KeyValuePair<string, int> rare = counts.MinBy(c => c.Value), common = counts.MaxBy(c => c.Value);
        return common.Value > Ratio * rare.Value ? (rare.Key, rare.Value, common.Key, common.Value) : null;
    }
}
