using System.Buffers;
using System.Globalization;
using System.Text;

namespace SpeechML.Audio.Common;

/// <summary>
/// Unicode normalization form C (UAX #15). <see cref="string.Normalize()"/> leaves texts as they are where an
/// application runs with invariant globalization; this gives the same on every machine.
/// </summary>
internal static class UnicodeForm
{
    private const int FirstMark = 0x300; // texts below have no combining marks and are composed
    private const int HangulBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, HangulCount = LCount * VCount * TCount;

    private static readonly Lazy<Tables> s_tables = new(Tables.Read);

    /// <summary>The text in form C.</summary>
    /// <exception cref="ArgumentException">Half of a surrogate pair.</exception>
    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstMark - 1)) < 0)
        {
            return text;
        }
        List<int> points = Decompose(text);
        Order(points);
        return Compose(points);
    }

    private static List<int> Decompose(string text)
    {
        var points = new List<int>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int used) != OperationStatus.Done)
            {
                throw new ArgumentException($"Expected whole characters, got half of one (\\u{(int)text[i]:X4}).");
            }
            i += used - 1;
            Decompose(rune.Value, points);
        }
        return points;
    }

    private static void Decompose(int point, List<int> points)
    {
        int syllable = point - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            points.Add(LBase + (syllable / (VCount * TCount)));
            points.Add(VBase + (syllable % (VCount * TCount) / TCount));
            if (syllable % TCount > 0)
            {
                points.Add(TBase + (syllable % TCount));
            }
        }
        else if (s_tables.Value.Parts.TryGetValue(point, out (int First, int Second) parts))
        {
            Decompose(parts.First, points);
            if (parts.Second > 0)
            {
                Decompose(parts.Second, points); // a single one stands in place of another
            }
        }
        else
        {
            points.Add(point);
        }
    }

    // marks behind a letter by their class; those of one class keep their order
    private static void Order(List<int> points)
    {
        for (int i = 0; i < points.Count; i++)
        {
            int end = i;
            while (end < points.Count && Class(points[end]) > 0)
            {
                end++;
            }
            if (end - i > 1)
            {
                int[] sorted = [.. points.GetRange(i, end - i).OrderBy(Class)];
                for (int k = 0; k < sorted.Length; k++)
                {
                    points[i + k] = sorted[k];
                }
            }
            i = end;
        }
    }

    private static string Compose(List<int> points)
    {
        var composed = new List<int>(points.Count);
        int starter = -1;
        foreach (int point in points)
        {
            int its = Class(point);
            bool blocked = starter < 0 || (composed.Count - 1 > starter && Class(composed[^1]) >= its);
            if (!blocked && Pair(composed[starter], point) is int whole)
            {
                composed[starter] = whole;
                continue;
            }
            composed.Add(point);
            if (its == 0)
            {
                starter = composed.Count - 1;
            }
        }
        var text = new StringBuilder(composed.Count);
        foreach (int point in composed)
        {
            text.Append(new Rune(point).ToString());
        }
        return text.ToString();
    }

    private static int? Pair(int first, int second)
    {
        if (first - LBase is >= 0 and < LCount && second - VBase is >= 0 and < VCount)
        {
            return HangulBase + ((((first - LBase) * VCount) + second - VBase) * TCount);
        }
        if (first - HangulBase is >= 0 and < HangulCount && (first - HangulBase) % TCount == 0
            && second - TBase is > 0 and < TCount)
        {
            return first + second - TBase;
        }
        return s_tables.Value.Pairs.TryGetValue((first, second), out int whole) ? whole : null;
    }

    private static int Class(int point) =>
        point < FirstMark ? 0 : s_tables.Value.Classes.TryGetValue(point, out int its) ? its : 0;

    private sealed record Tables(
        Dictionary<int, (int First, int Second)> Parts, Dictionary<(int First, int Second), int> Pairs,
        Dictionary<int, int> Classes)
    {
        public static Tables Read()
        {
            var tables = new Tables([], [], []);
            using var reader = new StreamReader(
                typeof(UnicodeForm).Assembly.GetManifestResourceStream("CanonicalForms.txt")!);
            while (reader.ReadLine() is { } line)
            {
                foreach (string entry in line.StartsWith('#') ? [] : line.Split(' '))
                {
                    tables.Add(entry);
                }
            }
            return tables;
        }

        private void Add(string entry)
        {
            int at = entry.AsSpan().IndexOfAny("=>:");
            if (entry[at] == ':')
            {
                string[] range = entry[..at].Split('-');
                for (int point = Hex(range[0]); point <= Hex(range[1]); point++)
                {
                    Classes[point] = int.Parse(entry.AsSpan(at + 1), CultureInfo.InvariantCulture);
                }
                return;
            }
            string[] parts = entry[(at + 1)..].Split('+');
            (int First, int Second) pair = (Hex(parts[0]), parts.Length > 1 ? Hex(parts[1]) : 0);
            Parts[Hex(entry[..at])] = pair;
            if (entry[at] == '=')
            {
                Pairs[pair] = Hex(entry[..at]);
            }
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
