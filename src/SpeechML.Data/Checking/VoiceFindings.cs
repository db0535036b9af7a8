using System.Globalization;
using SpeechML.Data.Evaluation;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Data.Metadata;
using SpeechML.Data.Speakers;

namespace SpeechML.Data.Checking;

/// <summary>
/// Subjects whose clips sound like another's. Each is compared by the mean of its clips' embeddings. Two are found that
/// lie as near as a subject's own clips lie to the rest of them (the median), and nearer than other pairs by far.
/// </summary>
internal static class VoiceFindings
{
    // Median absolute deviations of pairs, scaled to standard deviations: a pair of two people lies beyond so many in
    // one of 30,000.
    private const double Outlier = 4 * 1.4826;

    // Of so few subjects no pair is unusual.
    private const int MinSubjects = 3;

    public static IEnumerable<SpeechDataFinding> Find(IReadOnlyList<DataPart> parts)
    {
        (string Subject, string Key, double[] Voice)[] clips = [.. parts
            .Where(p => p.Subjects is not null && p.Speakers is not null)
            .SelectMany(p => p.Subjects!.Select((s, i) => (s, p.Keys[i], Cosine.Unit(p.Speakers![i]))))
            .Where(c => c.Item3.All(double.IsFinite) && c.Item3.Any(v => v != 0))];
        // Spellings of one name are found by it.
        var subjects = new SubjectIndex(Spelling.Unify(Array.ConvertAll(clips, c => c.Subject)));
        int count = subjects.Names.Count;
        if (count < MinSubjects)
        {
            return [];
        }
        int[][] rows = subjects.Rows();
        double[][] sums = [.. rows.Select(own => Sum(own.Select(i => clips[i].Voice)))];
        double[][] centers = [.. sums.Select(Cosine.Unit)];
        double[] own = [.. rows.SelectMany((its, s) => its.Length < 2 ? [] : its.Select(i =>
            Cosine.Dot(clips[i].Voice, Cosine.Unit([.. sums[s].Zip(clips[i].Voice, (a, b) => a - b)]))))];
        double[] pairs = new double[count * (count - 1) / 2];
        Parallel.For(1, count, a =>
        {
            for (int b = 0; b < a; b++)
            {
                pairs[(a * (a - 1) / 2) + b] = Cosine.Dot(centers[a], centers[b]);
            }
        });
        double middle = Median.Of(pairs);
        double far = middle + (Outlier * Median.Of(Array.ConvertAll(pairs, p => Math.Abs(p - middle))));
        double near = own.Length == 0 ? far : Math.Max(far, Median.Of(own));
        return [.. Near(pairs, count, near).Select(pair => Found(
            subjects.Names[pair.A], subjects.Names[pair.B], pair.Cosine, own.Length == 0 ? null : Median.Of(own),
            middle,
            [.. rows[pair.A].Concat(rows[pair.B]).Select(i => clips[i].Key)]))];
    }

    private static IEnumerable<(int A, int B, double Cosine)> Near(double[] pairs, int count, double near) =>
        Enumerable.Range(1, count - 1)
            .SelectMany(a => Enumerable.Range(0, a).Select(b => (b, a, pairs[(a * (a - 1) / 2) + b])))
            .Where(p => p.Item3 > near).OrderByDescending(p => p.Item3);

    private static SpeechDataFinding Found(
        string first, string second, double cosine, double? own, double others, string[] clips) =>
        new(SpeechDataProblem.SimilarVoices, first, string.Create(CultureInfo.InvariantCulture,
            $"Subjects '{first}' and '{second}': expected the voices of two people, got a cosine distance of " +
            $"{1 - cosine:F3}{(own is { } same ? $"; a clip is {1 - same:F3} from others of its subject" : "")}, two " +
            $"subjects {1 - others:F3} from each other (medians). If they are one person, give one identifier."),
            clips);

    private static double[] Sum(IEnumerable<double[]> vectors) =>
        vectors.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);
}
