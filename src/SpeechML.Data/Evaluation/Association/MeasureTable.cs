using System.Globalization;
using System.Text;
using SpeechML.Data.Evaluation.Association;
using SpeechML.Data.Metadata;

namespace SpeechML;

/// <summary>
/// An effect size from -1 to 1, of subjects: a clip more of one person is not one person more.
/// </summary>
public enum MeasureEffect
{
    /// <summary>
    /// Of groups of subjects, Cliff's delta of their means (N. Cliff 1993, "Dominance statistics"): how much oftener a
    /// subject of the first group has the greater mean than one of the second, than the other way round. It needs no
    /// normal distribution and is the same on any scale (ratio or dB), where Cohen's d follows the outliers that jitter
    /// and shimmer have wherever pitch was found an octave off. Its p-value is the exact one of Mann and Whitney (1947)
    /// for up to 40 means, the normal one beyond; a subject with clips of both groups changes places with itself only.
    /// </summary>
    CliffsDelta,

    /// <summary>
    /// Where most subjects have clips of both groups, the rank-biserial correlation of their pairs of means (D. S.
    /// Kerby 2014, "The simple difference formula"): the ranks of the differences up less those down, over all. Its
    /// p-value is the exact one of Wilcoxon (1945) for up to 40 pairs, the normal one beyond.
    /// </summary>
    RankBiserial,

    /// <summary>
    /// Of numbers and ordered classes, Spearman's rank correlation of subjects' means. Its p-value is that of all
    /// permutations for up to 7 subjects, of Student's t beyond.
    /// </summary>
    Spearman,
}

/// <summary>A measure among the clips of one value of a label.</summary>
/// <param name="Name">The value; <c>others</c> for all other ones, <c>all</c> where the label is a number.</param>
/// <param name="Clips">Clips that have the measure.</param>
/// <param name="Subjects">Their subjects; 0 where not known.</param>
/// <param name="Median">The median over those clips, with an interval that resamples subjects.</param>
public sealed record MeasureGroup(string Name, int Clips, int Subjects, MetricInterval Median);

/// <summary>How a measure goes with a label.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Unit">Its unit; empty where not known.</param>
/// <param name="Groups">Two groups of clips, or all of them where the label is a number.</param>
/// <param name="Effect">The effect size; above 0 where the measure is greater in the first group, or grows with the
/// number.</param>
/// <param name="PValue">Of no effect, two-sided.</param>
/// <param name="Corrected">The p-value after Benjamini and Hochberg (1995), over all measures and labels of the table:
/// of those below 0.05, 5 % are expected to be false.</param>
public sealed record MeasureAssociation(
    string Measure, string Unit, IReadOnlyList<MeasureGroup> Groups, MetricInterval Effect, MetricValue PValue,
    MetricValue Corrected)
{
    /// <summary>Why there is no effect size, no interval or no p-value; empty where all are there.</summary>
    public string Note { get; init; } = "";
}

/// <summary>How all measures go with a label.</summary>
/// <param name="Label">The label, or <c>label: value</c> of one class among several.</param>
/// <param name="Effect">The effect size.</param>
/// <param name="Measures">The measures, in the order of the column.</param>
public sealed record LabelMeasures(string Label, MeasureEffect Effect, IReadOnlyList<MeasureAssociation> Measures)
{
    /// <summary>What is to be known before the numbers; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>The measures, those that tell most first.</summary>
    internal IEnumerable<MeasureAssociation> Ranked => Measures.OrderBy(m => m.PValue.Value ?? 2)
        .ThenByDescending(m => Math.Abs(m.Effect.Estimate.Value ?? 0));
}

/// <summary>
/// Measures by label: medians, effect sizes and p-values, all by subject. What
/// <c>mlContext.Speech().CompareMeasures</c> gives; also in <see cref="SpeechDataReport.Measures"/> and in a run's
/// report.
/// </summary>
public sealed class MeasureTable
{
    private const int Shown = 10; // of a label, as text

    /// <summary>Clips.</summary>
    public required int Clips { get; init; }

    /// <summary>Their subjects; 0 where not known.</summary>
    public required int Subjects { get; init; }

    /// <summary>
    /// Why no measure has an interval (<c>subjects are not known</c>, <c>one subject</c>); empty where they have.
    /// </summary>
    public string NoInterval { get; init; } = "";

    /// <summary>The labels; of more than two classes each against the others.</summary>
    public required IReadOnlyList<LabelMeasures> Labels { get; init; }

    /// <summary>The table as a fragment of HTML; names are escaped.</summary>
    public string ToHtml() => MeasureTableHtml.Write(this);

    /// <summary>Writes a line for each label and measure, as CSV (RFC 4180, UTF-8).</summary>
    /// <param name="path">The file, which is replaced.</param>
    public void SaveCsv(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var text = new StringBuilder(
            "label,measure,unit,group,clips,subjects,median,median_low,median_high,other_group,other_clips," +
            "other_subjects,other_median,other_median_low,other_median_high,effect,effect_size,effect_low," +
            "effect_high,p,p_corrected,note\n");
        foreach (LabelMeasures label in Labels)
        {
            foreach (MeasureAssociation m in label.Measures)
            {
                text.Append(CsvFile.Line(
                [
                    label.Label, m.Measure, m.Unit, .. Cells(m.Groups[0]),
                    .. m.Groups.Count > 1 ? Cells(m.Groups[1]) : new object?[6],
                    label.Effect.ToString(), m.Effect.Estimate.Value, m.Effect.Low.Value, m.Effect.High.Value,
                    m.PValue.Value, m.Corrected.Value, m.Note,
                ])).Append('\n');
            }
        }
        StoragePath.WriteAllText(path, text.ToString(), overwrite: true);
    }

    /// <summary>The ten measures of each label that tell most.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        int width = Labels.SelectMany(l => l.Ranked.Take(Shown)).Select(m => m.Measure.Length + 1).Append(20).Max();
        foreach (LabelMeasures label in Labels)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Measures by '{label.Label}' ({NameOf(label.Effect)}):");
            if (label.Note.Length > 0)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {label.Note}");
            }
            foreach (MeasureAssociation m in label.Ranked.Take(Shown))
            {
                string medians = string.Join("; ", m.Groups.Select(g => $"{g.Name}: {Median(g)}"));
                string found = m.Effect.Estimate.Value is null ? m.Note
                    : $"effect {Interval(m.Effect, "F2")}, p {P(m.PValue)}, corrected {P(m.Corrected)}" +
                        (m.Note.Length > 0 ? $" ({m.Note})" : "");
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"  {m.Measure.PadRight(width)}{m.Unit,-12}{medians}; {found}");
            }
        }
        return text.ToString();
    }

    internal static string NameOf(MeasureEffect effect) => effect switch
    {
        MeasureEffect.CliffsDelta => "Cliff's delta of subjects' means",
        MeasureEffect.RankBiserial => "rank-biserial correlation of subjects' pairs of means",
        _ => "Spearman's correlation of subjects' means",
    };

    internal static string Median(MeasureGroup group) => Interval(group.Median, "G4");

    internal static string P(MetricValue p) => p.Value is not { } value ? "–"
        : value < 0.001 ? "< 0.001" : value.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary><c>12.1 [10.4, 13]</c>; a dash where there is nothing.</summary>
    internal static string Interval(MetricInterval interval, string format)
    {
        string Text(MetricValue value) => value.Value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
        return interval.Low.Value is null ? Text(interval.Estimate)
            : $"{Text(interval.Estimate)} [{Text(interval.Low)}, {Text(interval.High)}]";
    }

    private static object?[] Cells(MeasureGroup g) =>
        [g.Name, g.Clips, g.Subjects, g.Median.Estimate.Value, g.Median.Low.Value, g.Median.High.Value];
}
