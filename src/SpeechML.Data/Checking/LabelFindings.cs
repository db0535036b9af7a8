using System.Globalization;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.Checking;

/// <summary>What the values of a label are.</summary>
internal enum LabelKind
{
    /// <summary>Texts, which spelling tells apart.</summary>
    Texts,

    /// <summary>Classes that have no spelling: Booleans, 1 and 0.</summary>
    Classes,

    /// <summary>Numbers that are learned as such.</summary>
    Numbers,

    /// <summary>The ratings behind labels: only looked at for codes.</summary>
    Ratings,
}

/// <summary>A label of a part.</summary>
/// <param name="Table">How often each value occurs.</param>
/// <param name="Kind">What the values are.</param>
/// <param name="Values">The value of each clip; <see langword="null"/> where it has none.</param>
internal sealed record CheckedLabel(SpeechDataLabel Table, LabelKind Kind, IReadOnlyList<string?> Values)
{
    public static CheckedLabel Of(string label, string part, IEnumerable<string?> values, LabelKind kind)
    {
        string?[] all = [.. values];
        return new CheckedLabel(Count(label, part, all), kind, all);
    }

    /// <summary>How often each value occurs.</summary>
    public static SpeechDataLabel Count(string label, string part, IEnumerable<string?> values)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int missing = 0;
        foreach (string? value in values)
        {
            if (value is null)
            {
                missing++;
            }
            else
            {
                counts[value] = counts.GetValueOrDefault(value) + 1;
            }
        }
        return new SpeechDataLabel(label, part, counts, missing);
    }
}

/// <summary>What is wrong with the values of labels.</summary>
internal static class LabelFindings
{
    public static IEnumerable<SpeechDataFinding> Find(IReadOnlyList<CheckedLabel> labels)
    {
        foreach ((SpeechDataLabel table, LabelKind kind, _) in labels)
        {
            if (kind != LabelKind.Ratings && table.Values.Count <= 1)
            {
                yield return OneClass(table);
            }
            if (kind is LabelKind.Texts or LabelKind.Classes && ClassBalance.Rarest(table.Values) is { } rare)
            {
                yield return Of(SpeechDataProblem.RareClass, table.Label,
                    $"Label '{table.Label}' in part '{table.Part}': expected each class at least once for " +
                    $"{ClassBalance.Ratio} clips of another, got {rare.Count} × '{rare.Class}' and {rare.Most} × " +
                    $"'{rare.Commonest}'. A model may do well without ever finding it.");
            }
        }
        foreach (IGrouping<string, CheckedLabel> label in labels.GroupBy(l => l.Table.Label, StringComparer.Ordinal))
        {
            foreach (SpeechDataFinding finding in OfLabel(label.Key, [.. label]))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<SpeechDataFinding> OfLabel(string name, CheckedLabel[] parts)
    {
        if (parts[0].Kind == LabelKind.Texts)
        {
            string[] all = [.. parts.SelectMany(p => p.Table.Values.Keys).Distinct()];
            // A class under several spellings is told below.
            string[] clear = [.. all.Except(Spelling.Several(all).SelectMany(s => s))];
            foreach (SpeechDataLabel part in parts.Select(p => p.Table).Where(t => t.Values.Count > 1))
            {
                string[] missing = [.. clear.Except(part.Values.Keys).Order(StringComparer.Ordinal)];
                if (missing.Length > 0)
                {
                    yield return Of(SpeechDataProblem.MissingClass, name,
                        $"Label '{name}' in part '{part.Part}': expected clips of every class, got none of " +
                        $"'{string.Join("', '", missing)}'. Balance the split by the label, or enlarge the part.");
                }
            }
            foreach (string[] spellings in Spelling.Several(parts.SelectMany(p => p.Table.Values.Keys)))
            {
                string where = string.Join("; ", parts.Where(p => spellings.Any(p.Table.Values.ContainsKey))
                    .Select(p => $"{p.Table.Part}: {Counts(spellings, p.Table)}"));
                yield return Of(SpeechDataProblem.SimilarValues, name,
                    $"Label '{name}': expected one spelling for each class, got '{string.Join("', '", spellings)}' " +
                    $"({where}).");
            }
            yield break;
        }
        double[] codes = RatingCodes.Find(parts.SelectMany(p => p.Table.Values.Keys)
            .Select(v => double.TryParse(v, CultureInfo.InvariantCulture, out double number) ? number : double.NaN));
        if (codes.Length > 0)
        {
            yield return Of(
                SpeechDataProblem.MissingCode, name, $"Label '{name}': {RatingCodes.Describe(codes)}.");
        }
    }

    private static string Counts(string[] values, SpeechDataLabel table) => string.Join(", ", values
        .Where(table.Values.ContainsKey)
        .Select(v => string.Create(CultureInfo.InvariantCulture, $"{table.Values[v]} × '{v}'")));

    private static SpeechDataFinding OneClass(SpeechDataLabel label) => Of(
        SpeechDataProblem.OneClass,
        label.Label,
        $"Label '{label.Label}' in part '{label.Part}': expected at least two classes, got " +
        (label.Values.Count == 0 ? $"none ({label.Missing} missing)."
            : $"'{label.Values.First().Key}' alone ({SpeechDataReport.Counts(label)})."));

    private static SpeechDataFinding Of(SpeechDataProblem problem, string label, string message) =>
        new(problem, label, message, []);
}
