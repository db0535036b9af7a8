using SpeechML.Data.Metadata;
using SpeechML.Data.Splits;

namespace SpeechML.Data.Checking;

/// <summary>What is wrong with who speaks in which part.</summary>
internal static class SubjectFindings
{
    public static IEnumerable<SpeechDataFinding> Find(IReadOnlyList<DataPart> parts)
    {
        (string Subject, string Part, string Key)[] clips = [.. parts.Where(p => p.Subjects is not null)
            .SelectMany(p => p.Subjects!.Zip(p.Keys, (subject, key) => (subject, p.Name, key)))];
        string[] people = Spelling.Unify(Array.ConvertAll(clips, c => c.Subject));
        foreach (var own in clips.Zip(people).GroupBy(c => c.Second, c => c.First, StringComparer.Ordinal))
        {
            string[] spellings = [.. own.Select(c => c.Subject).Distinct(StringComparer.Ordinal)];
            string[] its = [.. own.Select(c => c.Part).Distinct(StringComparer.Ordinal)];
            string[] keys = [.. own.Select(c => c.Key)];
            string name = spellings.Length == 1 ? $"Subject '{own.Key}'"
                : $"Subjects '{string.Join("', '", spellings)}', probably one";
            if (its.Length > 1)
            {
                yield return new SpeechDataFinding(
                    SpeechDataProblem.SharedSubject, own.Key,
                    $"{name}: expected clips in one part, got clips in {string.Join(" and ", its)}.", keys);
            }
            else if (spellings.Length > 1)
            {
                yield return new SpeechDataFinding(
                    SpeechDataProblem.SimilarSubjects, own.Key,
                    $"{name}: expected one spelling for each subject, got {spellings.Length} that differ in case, " +
                    "whitespace, Unicode form or zeros only.", keys);
            }
        }
        foreach (DataPart part in parts.Where(p => p.Subjects is not null))
        {
            int count = Spelling.Unify(part.Subjects!).Distinct(StringComparer.Ordinal).Count();
            if (count < SubjectWarnings.MinSubjects)
            {
                yield return new SpeechDataFinding(
                    SpeechDataProblem.FewSubjects, part.Name,
                    $"Part '{part.Name}': expected at least {SubjectWarnings.MinSubjects} subjects, got {count}: its " +
                    "figures depend on a few people.", []);
            }
        }
    }
}
