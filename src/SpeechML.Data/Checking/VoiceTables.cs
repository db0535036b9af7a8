using SpeechML.Data.Evaluation.Association;

namespace SpeechML.Data.Checking;

/// <summary>Acoustic measures of the clips by label, and the clips that are far from the others.</summary>
internal static class VoiceTables
{
    private const double Far = 3.5; // Iglewicz and Hoaglin 1993
    private const int MaxClips = 10;

    private static readonly (string Name, string Unit)[] s_measures =
        [.. VoiceMeasures.All.Select(m => (m.Name, m.Unit))];

    private static readonly float[] s_undefined = [.. s_measures.Select(_ => float.NaN)];

    /// <summary>The measures by each label, all parts together.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="clips">What is known of each clip, part after part.</param>
    /// <param name="options">How intervals are made.</param>
    public static MeasureTable ByLabel(
        IReadOnlyList<DataPart> parts, IReadOnlyList<ClipMetadata> clips, SpeechDataCheckOptions options)
    {
        // A label that a part does not have has no value there.
        IEnumerable<IReadOnlyList<CheckedLabel>> labels = parts.SelectMany(p => p.Labels).Select(l => l.Table.Label)
            .Distinct(StringComparer.Ordinal)
            .Select(name => (IReadOnlyList<CheckedLabel>)[.. parts.Select(p => Find(p, name, parts))]);
        return MeasureComparing.Compare(
            s_measures, [.. clips.Select(c => c.Measures ?? s_undefined)],
            parts.Any(p => p.Subjects is null) ? null : [.. parts.SelectMany(p => p.Subjects!)],
            labels.SelectMany(ComparedLabel.Of), options.Resampling);
    }

    /// <summary>The clips that have a measure far from those of the first part.</summary>
    public static IReadOnlyList<ClipMeasures> Unusual(IReadOnlyList<ClipMetadata> clips)
    {
        ClipMetadata[] measured = [.. clips.Where(c => c.Measures is not null)];
        if (measured.Length == 0)
        {
            return [];
        }
        var reference = new MeasureReference(
            s_measures, [.. measured.Where(c => c.Part == measured[0].Part).Select(c => c.Measures!)]);
        return [.. measured.Select(c => new ClipMeasures(c.Key, c.Part, reference.Compare(c.Measures!)))
            .Select(c => (Clip: c, Z: c.Furthest(1).Select(m => Math.Abs(m.RobustZ!.Value)).FirstOrDefault()))
            .Where(c => c.Z >= Far).OrderByDescending(c => c.Z).Take(MaxClips).Select(c => c.Clip)];
    }

    private static CheckedLabel Find(DataPart part, string name, IReadOnlyList<DataPart> parts) =>
        part.Labels.FirstOrDefault(l => l.Table.Label == name)
        ?? CheckedLabel.Of(name, part.Name, part.Keys.Select(_ => (string?)null),
            parts.SelectMany(p => p.Labels).First(l => l.Table.Label == name).Kind);
}
