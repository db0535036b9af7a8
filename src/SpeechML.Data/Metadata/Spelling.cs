using System.Buffers;
using System.Text;
using SpeechML.Audio.Common;

namespace SpeechML.Data.Metadata;

/// <summary>
/// Texts that name a person or a category. What cannot be seen makes no difference when they are read; what can be seen
/// and is probably meant alike is only compared.
/// </summary>
internal static class Spelling
{
    // soft hyphen, zero-width characters but the joiners (which some scripts need), marks of direction, byte order mark
    private static readonly SearchValues<char> s_invisible = SearchValues.Create(
        "\u00AD\u200B\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2060\u2066\u2067\u2068\u2069\uFEFF");

    /// <summary>
    /// Without invisible characters and whitespace at the ends, other whitespace (but line breaks) as one space, in
    /// Unicode form C.
    /// </summary>
    /// <exception cref="ArgumentException">Half of a surrogate pair.</exception>
    public static string Fold(string text) => UnicodeForm.Compose(HasWhitespaceToFold(text) ? Collapse(text) : text);

    /// <summary>
    /// The same for spellings of one name: folded, in capitals, digits without leading zeros, without a fraction of
    /// zeros.
    /// </summary>
    public static string Key(string text)
    {
        string folded = Fold(text).ToUpperInvariant();
        int fraction = folded.LastIndexOf('.');
        if (fraction > 0 && fraction < folded.Length - 1 && char.IsAsciiDigit(folded[fraction - 1])
            && folded.AsSpan(fraction + 1).IndexOfAnyExcept('0') < 0)
        {
            folded = folded[..fraction];
        }
        var key = new StringBuilder(folded.Length);
        for (int i = 0; i < folded.Length; i++)
        {
            bool leading = folded[i] == '0' && (i == 0 || !(char.IsAsciiDigit(folded[i - 1]) || folded[i - 1] == '.'));
            if (leading)
            {
                while (i + 1 < folded.Length && folded[i] == '0' && char.IsAsciiDigit(folded[i + 1]))
                {
                    i++;
                }
            }
            key.Append(folded[i]);
        }
        return key.ToString();
    }

    /// <summary>The spellings of each name that has several, in order of appearance.</summary>
    public static IEnumerable<string[]> Several(IEnumerable<string> names) =>
        names.Distinct(StringComparer.Ordinal).GroupBy(Key, StringComparer.Ordinal)
            .Where(g => g.Skip(1).Any()).Select(g => g.ToArray());

    /// <summary>Each name in the first of its spellings by ordinal order, whatever the order of the names.</summary>
    public static string[] Unify(IReadOnlyList<string> names)
    {
        Dictionary<string, string> keys = names.Distinct(StringComparer.Ordinal)
            .ToDictionary(n => n, Key, StringComparer.Ordinal);
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string key) in keys)
        {
            if (!first.TryGetValue(key, out string? other) || string.CompareOrdinal(name, other) < 0)
            {
                first[key] = name;
            }
        }
        return [.. names.Select(n => first[keys[n]])];
    }

    private static bool HasWhitespaceToFold(string text)
    {
        bool before = true;
        foreach (char c in text)
        {
            bool white = char.IsWhiteSpace(c) && c is not ('\r' or '\n');
            if ((white && (before || c != ' ')) || s_invisible.Contains(c))
            {
                return true;
            }
            before = white;
        }
        return text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]));
    }

    private static string Collapse(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (s_invisible.Contains(c))
            {
                continue;
            }
            bool white = char.IsWhiteSpace(c) && c is not ('\r' or '\n');
            if (!white)
            {
                kept.Append(c);
            }
            else if (kept.Length > 0 && kept[^1] != ' ')
            {
                kept.Append(' ');
            }
        }
        return kept.ToString().Trim();
    }
}
