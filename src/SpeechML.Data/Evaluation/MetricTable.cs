using System.Globalization;
using System.Text;

namespace SpeechML.Data.Evaluation;

/// <summary>Metrics as lines of text: name, value.</summary>
internal static class MetricTable
{
    public static void Append(StringBuilder text, IReadOnlyList<(string Name, MetricValue Value)> rows)
    {
        int width = rows.Max(r => r.Name.Length) + 2;
        foreach ((string name, MetricValue value) in rows)
        {
            text.Append(name.PadRight(width))
                .AppendLine(value.Value is null ? value.ToString()
                : string.Create(CultureInfo.InvariantCulture, $"{Number(name, value),9}"));
        }
    }

    /// <summary>Four digits; a probability of chance that would be 0 by them is below what they show.</summary>
    private static string Number(string name, MetricValue value) =>
        value.Value < 5e-5 && name.EndsWith(", p", StringComparison.Ordinal) ? "< 1e-4" : value.ToString();
}
