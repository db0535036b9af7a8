using Microsoft.ML.Runtime;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.Splits;

/// <summary>What the log says about the subjects of data that are divided.</summary>
internal static class SubjectWarnings
{
    /// <summary>Below this, figures of a part depend on a few people.</summary>
    public const int MinSubjects = 10;

    private const int MaxNamed = 3; // names with several spellings that one warning quotes

    /// <summary>Subjects that are probably one, under several spellings; they are kept together.</summary>
    public static void Spellings(IChannel channel, string column, IReadOnlyList<string> subjects)
    {
        string[][] several = [.. Spelling.Several(subjects)];
        if (several.Length > 0)
        {
            channel.Warning("column '{0}': {1} subjects have several spellings and count as one each: {2}{3}", column,
                several.Length,
                string.Join("; ", several.Take(MaxNamed).Select(s => $"'{string.Join("', '", s)}'")),
                several.Length > MaxNamed ? "; ..." : "");
        }
    }

    /// <summary>Parts with few subjects.</summary>
    public static void FewSubjects(
        IChannel channel, SubjectSplit split, IReadOnlyList<string> keys, IReadOnlyList<string> subjects)
    {
        Dictionary<string, string> subjectOf = keys.Zip(Spelling.Unify(subjects))
            .ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        foreach (var part in split.Keys.Zip(split.Parts).GroupBy(p => p.Second).OrderBy(g => g.Key))
        {
            int count = part.Select(p => subjectOf[p.First]).Distinct(StringComparer.Ordinal).Count();
            if (count < MinSubjects)
            {
                channel.Warning("split '{0}': part {1} has {2} subjects; figures of fewer than {3} depend on a few " +
                "people",
                    split.Name, part.Key, count, MinSubjects);
            }
        }
    }
}
