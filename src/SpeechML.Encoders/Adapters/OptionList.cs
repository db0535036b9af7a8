using System.Globalization;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML.Encoders.Adapters;

/// <summary>Lists inside option strings.</summary>
internal static class OptionList
{
    /// <summary>What commas separate, without blanks.</summary>
    public static string[] Items(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Whole numbers and ranges of them, <c>0-3,5</c>, in order and once each; none where the text is empty.
    /// </summary>
    /// <exception cref="ArgumentException">Something else.</exception>
    public static int[] Ranges(string? text, string option)
    {
        Check(TryRanges(text, out int[] numbers, out string wrong), option, "layer numbers and ranges such as '0-3,5'",
            wrong);
        return numbers;
    }

    /// <summary>
    /// The same, with the part that is none in place of an exception; nothing between two commas is one, too.
    /// </summary>
    public static bool TryRanges(string? text, out int[] numbers, out string wrong)
    {
        // A range is expanded; no encoder has nearly so many layers.
        const int MaxLayer = 1000;
        var result = new SortedSet<int>();
        foreach (string item in string.IsNullOrWhiteSpace(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = item.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
                || first > last
                || last > MaxLayer)
            {
                (numbers, wrong) = ([], item);
                return false;
            }
            result.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        (numbers, wrong) = ([.. result], "");
        return true;
    }

    /// <summary>Numbers above 0 by key, <c>q_proj=2,fc1=6</c>.</summary>
    /// <exception cref="ArgumentException">Something else, or a key twice.</exception>
    public static IReadOnlyList<(string Key, double Value)> Pairs(string? text, string option)
    {
        var pairs = new List<(string Key, double Value)>();
        foreach (string item in Items(text))
        {
            int equals = item.LastIndexOf('=');
            double value = 0;
            bool valid = equals > 0
                && double.TryParse(item[(equals + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out value)
                && value > 0
                && double.IsFinite(value);
            Check(valid, option, "pairs of a name and a number above 0 such as 'q_proj=2,v_proj=4'", item);
            string key = item[..equals].Trim();
            Check(key.Length > 0 && pairs.TrueForAll(p => p.Key != key), option, "each name once", item);
            Check(NamePattern.IsValid(key), option, "a name or a regular expression for the end of one", key);
            pairs.Add((key, value));
        }
        return pairs;
    }
}
