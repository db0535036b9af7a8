using System.Globalization;
using SpeechML.Data.Checking;

namespace SpeechML.Data.Evaluation.Association;

/// <summary>A label as measures are compared by it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Groups">The names of the first and the second group; <see langword="null"/> of a number.</param>
/// <param name="Values">Of each clip 1 in the first group, 0 in the second; the number; <see langword="null"/> where
/// there is no value.</param>
internal sealed record ComparedLabel(string Name, string[]? Groups, double?[] Values)
{
    public const string Others = "others";

    private const int MaxClasses = 20; // names of more are rather of clips

    /// <summary>What is to be known before the numbers.</summary>
    public string Note { get; init; } = "";

    /// <summary>The comparisons by a label that is read from its column.</summary>
    /// <param name="label">The label; all parts together.</param>
    public static IEnumerable<ComparedLabel> Of(IReadOnlyList<CheckedLabel> label)
    {
        string name = label[0].Table.Label;
        string?[] values = [.. label.SelectMany(l => l.Values)];
        switch (label[0].Kind)
        {
            case LabelKind.Ratings:
                return []; // the labels that they are behind are compared
            case LabelKind.Numbers:
                return [new ComparedLabel(name, null, Array.ConvertAll(values, Number))];
            case LabelKind.Classes:
                // Negative ones are missing to a trainer.
                values = Array.ConvertAll(values, v => Number(v) < 0 ? null : v);
                break;
        }
        string[] classes = [.. values.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return OfClasses(name, classes, Array.ConvertAll(values, v => v is null ? -1 : Array.IndexOf(classes, v)));
    }

    /// <summary>The comparisons by classes: of two the second with the first, of more each with the others.</summary>
    /// <param name="name">The label.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="values">Of each clip the class, from 0; -1 where it has none.</param>
    public static IEnumerable<ComparedLabel> OfClasses(string name, string[] classes, int[] values)
    {
        if (classes.Length is < 2 or > MaxClasses)
        {
            string got = FormattableString.Invariant($"{classes.Length}");
            return [new ComparedLabel(name, ["", ""], [])
            {
                Note = $"Not compared: expected 2 to {MaxClasses} values, got {got}.",
            }];
        }
        if (classes.Length == 2)
        {
            return [new ComparedLabel(name, [classes[1], classes[0]],
                Array.ConvertAll(values, v => v < 0 ? (double?)null : v))];
        }
        return classes.Select((c, k) => new ComparedLabel($"{name}: {c}", [c, Others],
            Array.ConvertAll(values, v => v < 0 ? (double?)null : v == k ? 1 : 0)));
    }

    private static double? Number(string? text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number : null;
}
