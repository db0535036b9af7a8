namespace SpeechML.Audio.Options;

/// <summary>The known name that an unknown one was probably meant to be.</summary>
internal static class NearestName
{
    private const int ShortestPart = 3; // letters of a beginning that stands for a name

    /// <summary>
    /// The name with the fewest letters to change, add, leave out or swap with the next (optimal string alignment;
    /// Damerau 1964), case and separators aside; empty where none is near: more than a third of the letters would
    /// change, and neither name begins with the other.
    /// </summary>
    public static string Find(string name, IEnumerable<string> known) =>
        known.Select(k => (Name: k, Distance: DistanceIfNear(name, k))).Where(k => k.Distance is not null)
            .OrderBy(k => k.Distance).Select(k => k.Name).FirstOrDefault("");

    /// <summary>Text with the nearest name in it; empty where none is near.</summary>
    /// <param name="name">The unknown name.</param>
    /// <param name="known">Those that are known.</param>
    /// <param name="text">Makes the text of the name.</param>
    public static string Say(string name, IEnumerable<string> known, Func<string, string> text) =>
        Find(name, known) is { Length: > 0 } nearest ? text(nearest) : "";

    private static int? DistanceIfNear(string name, string known)
    {
        // A group that both names begin with (trainer.) is no likeness of what stands behind it.
        int group = name.Zip(known).TakeWhile(p => p.First == p.Second).Select(p => p.First).ToList().LastIndexOf('.');
        (string a, string b) = (Letters(name[(group + 1)..]), Letters(known[(group + 1)..]));
        (int shorter, int longer) = (Math.Min(a.Length, b.Length), Math.Max(a.Length, b.Length));
        int distance = Distance(a, b);
        bool isBeginning = shorter >= ShortestPart
            && (a.StartsWith(b, StringComparison.Ordinal) || b.StartsWith(a, StringComparison.Ordinal));
        return isBeginning || (distance <= Math.Max(1, longer / 3) && distance < shorter) ? distance : null;
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                rows[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                        rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }
        return rows[a.Length, b.Length];
    }
}
