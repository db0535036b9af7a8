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
                : string.Create(CultureInfo.InvariantCulture, $"{value.ToString(),9}"));
        }
    }
}
