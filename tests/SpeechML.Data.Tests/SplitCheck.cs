using System.Globalization;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.Tests;

/// <summary>
/// The conditions of the reference's check of a split file (<c>check_split.py</c>), from the two CSV files alone and
/// sharing nothing with the code that splits: every clip once and
/// nothing else, no subject in two parts, no part empty, shares as wanted, no stratum far from its share among all
/// clips; the same as another file.
/// </summary>
internal sealed class SplitCheck
{
    private static readonly string[] s_parts = ["train", "val", "test"];

    public string Path { get; init; } = "original_audio_id";

    public string Subject { get; init; } = "subject";

    public double[] Proportions { get; init; } = [0.7, 0.15, 0.15];

    public double Tolerance { get; init; } = 0.05;

    public string[] Strata { get; init; } = ["task_name", "language"];

    public string[] Ratings { get; init; } =
        ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness",
        "inappropriate_silences_or_prolonged_intervals"];

    public double Threshold { get; init; } = 2;

    public double MaxDeviation { get; init; } = 0.15;

    /// <summary>What is wrong; empty for nothing.</summary>
    public List<string> Wrong(string metadataFile, string splitFile, string? sameAs = null)
    {
        CsvRow[] rows = [.. CsvFile.Read(metadataFile)];
        string[] header = rows[0].Fields;
        Dictionary<string, string>[] clips =
            [.. rows.Skip(1).Select(r => header.Zip(r.Fields).ToDictionary(p => p.First, p => p.Second))];
        (string Clip, string Part)[] named = Read(splitFile);
        var known = clips.Select(c => c[Path]).ToHashSet();
        var wrong = new List<string>();
        wrong.AddRange(named.CountBy(n => n.Clip).Where(n => n.Value > 1)
            .Select(n => $"clip {n.Key} is assigned {n.Value} times"));
        wrong.AddRange(known.Except(named.Select(n => n.Clip)).Order(StringComparer.Ordinal)
            .Select(c => $"clip {c} is not assigned"));
        wrong.AddRange(named.Select(n => n.Clip).Distinct().Except(known).Order(StringComparer.Ordinal)
            .Select(c => $"clip {c} is not in the metadata"));
        wrong.AddRange(named.Select(n => n.Part).Distinct().Except(s_parts)
            .Select(p => $"split '{p}' is not one of train, val, test"));

        Dictionary<string, string> partOf = First(named);
        (Dictionary<string, string> Clip, string Part)[] table =
            [.. clips.Where(c => partOf.ContainsKey(c[Path])).Select(c => (c, partOf[c[Path]]))];
        wrong.AddRange(table.GroupBy(t => t.Clip[Subject]).Where(g => g.Select(t => t.Part).Distinct().Count() > 1)
            .Select(g =>
                $"subject {g.Key} is in " +
                $"{string.Join(" and ", g.Select(t => t.Part).Distinct().Order(StringComparer.Ordinal))}"));
        for (int i = 0; i < s_parts.Length; i++)
        {
            double share = table.Count(t => t.Part == s_parts[i]) / (double)table.Length;
            if (share == 0)
            {
                wrong.Add($"split {s_parts[i]} is empty");
                continue;
            }
            if (Math.Abs(share - Proportions[i]) > Tolerance)
            {
                wrong.Add(FormattableString.Invariant(
                    $"split {s_parts[i]} has {share:F3} of the clips, wanted {Proportions[i]:F3} within {Tolerance}"));
            }
            wrong.AddRange(Deviations(table, s_parts[i]).Where(d => d.Value > MaxDeviation)
                .Select(d => FormattableString.Invariant(
                    $"split {s_parts[i]}: {d.Key} deviates by {d.Value:F3}, at most {MaxDeviation} allowed")));
        }
        if (sameAs is not null)
        {
            Dictionary<string, string> other = First(Read(sameAs));
            string[] different = [.. other.Keys.Union(partOf.Keys)
                .Where(c => other.GetValueOrDefault(c) != partOf.GetValueOrDefault(c)).Order(StringComparer.Ordinal)];
            if (different.Length > 0)
            {
                wrong.Add($"{different.Length} clips differ from the other split, first {different[0]}");
            }
        }
        return wrong;
    }

    private Dictionary<string, double> Deviations((Dictionary<string, string> Clip, string Part)[] table, string part)
    {
        var deviations = new Dictionary<string, double>();
        (Dictionary<string, string> Clip, string Part)[] inPart = [.. table.Where(t => t.Part == part)];
        foreach (string column in Strata)
        {
            foreach (string value in table.Select(t => t.Clip[column]).Distinct())
            {
                deviations[$"{column}={value}"] =
                    Math.Abs(inPart.Average(t => t.Clip[column] == value ? 1.0 : 0) -
                    table.Average(t => t.Clip[column] == value ? 1.0 : 0));
            }
        }
        foreach (string column in Ratings)
        {
            double[] Rated((Dictionary<string, string> Clip, string Part)[] some) =>
                [.. some.Select(t => double.Parse(t.Clip[column], CultureInfo.InvariantCulture)).Where(r => r != -1)
                    .Select(r => r >= Threshold ? 1.0 : 0)];
            double[] here = Rated(inPart);
            deviations[FormattableString.Invariant($"{column}>={Threshold}")] = here.Length == 0 ? 1
                : Math.Abs(here.Average() - Rated(table).Average());
        }
        return deviations;
    }

    private static Dictionary<string, string> First((string Clip, string Part)[] named) =>
        named.DistinctBy(n => n.Clip).ToDictionary(n => n.Clip, n => n.Part);

    /// <summary>A path belongs to the clip whose name its file has, without folder and extension.</summary>
    private static (string Clip, string Part)[] Read(string file)
    {
        CsvRow[] rows = [.. CsvFile.Read(file)];
        CollectionAssert.AreEqual(new[] { "path", "split" }, rows[0].Fields[..2]);
        return [.. rows.Skip(1).Select(
            r => (System.IO.Path.GetFileNameWithoutExtension(r.Fields[0].Replace('\\', '/')), r.Fields[1]))];
    }
}
