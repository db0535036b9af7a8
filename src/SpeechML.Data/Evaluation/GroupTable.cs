using System.Globalization;
using System.Text;

namespace SpeechML.Data.Evaluation;

/// <summary>Groups of clips as text: a table per metric, one line per group.</summary>
internal static class GroupTable
{
    /// <param name="by">What the clips are grouped by.</param>
    /// <param name="groups">Each group's name, clips and subjects.</param>
    /// <param name="metrics">The metrics, as headings.</param>
    /// <param name="cell">Value and gap of a metric (by its place) in a group (by its place).</param>
    public static string Format(
        string by, IReadOnlyList<(string Name, int Clips, int Subjects)> groups, IEnumerable<string> metrics,
        Func<int, int, string> cell)
    {
        var text = new StringBuilder();
        int width = Math.Max(by.Length, groups.Max(g => g.Name.Length)) + 2;
        foreach ((int m, string metric) in metrics.Index())
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{by.PadRight(width)}{"clips",7}{"subjects",9}  {metric}; gap to the other groups");
            for (int g = 0; g < groups.Count; g++)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"{groups[g].Name.PadRight(width)}{groups[g].Clips,7}{groups[g].Subjects,9}  {cell(m, g)}");
            }
        }
        return text.ToString();
    }
}
