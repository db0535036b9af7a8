using System.Globalization;

namespace SpeechML.Benchmarks.Baselines;

/// <summary>Out-of-fold scores of every clip.</summary>
internal sealed class BaselineScores(string[] languages, int clips)
{
    /// <summary>The column of what <see cref="Save"/> wrote.</summary>
    public const string Saved = "score";

    private const int Resamples = 2000;

    private readonly float[][] _ratings = new float[clips][];
    private readonly float[][] _languages = new float[clips][];

    /// <summary>Reads one column of a file of scores.</summary>
    public static BaselineScores Read(string path, string column, BaselineClip[] clips)
    {
        string[] languages = [.. clips.Select(c => c.Language).Distinct().Order(StringComparer.Ordinal)];
        var scores = new BaselineScores(languages, clips.Length);
        Dictionary<string, int> row = clips.Index().ToDictionary(c => c.Item.File, c => c.Index);
        string[][] lines = [.. File.ReadLines(path).Select(l => l.Split(','))];
        int at = Array.IndexOf(lines[0], column);
        string[] tasks = [.. lines.Skip(1).Select(l => l[3]).Where(t => !t.Contains('=', StringComparison.Ordinal))
            .Distinct()];
        foreach (int i in row.Values)
        {
            (scores._ratings[i], scores._languages[i]) = (new float[tasks.Length], new float[languages.Length]);
        }
        foreach (string[] line in lines.Skip(1))
        {
            float score = line[at].Length == 0 ? float.NaN : float.Parse(line[at], CultureInfo.InvariantCulture);
            int clip = row[line[0]];
            if (line[3].Split('=') is [_, string language])
            {
                scores._languages[clip][Array.IndexOf(languages, language)] = score;
            }
            else
            {
                scores._ratings[clip][Array.IndexOf(tasks, line[3])] = score;
            }
        }
        return scores;
    }

    public void AddRatings(int[] clips, IEnumerable<float[]> scores)
    {
        foreach ((int clip, float[] row) in clips.Zip(scores))
        {
            _ratings[clip] = row;
        }
    }

    public void AddLanguage(int[] clips, IEnumerable<float[]> scores)
    {
        foreach ((int clip, float[] row) in clips.Zip(scores))
        {
            _languages[clip] = row;
        }
    }

    public double Ratings(BaselineClip[] data) => Ratings(data, [.. Enumerable.Range(0, data.Length)]);

    public double Language(BaselineClip[] data) => Language(data, [.. Enumerable.Range(0, data.Length)]);

    public double[] EachRating(BaselineClip[] data) => EachRating(data, [.. Enumerable.Range(0, data.Length)]);

    public double Ratings(BaselineClip[] data, int[] rows) => EachRating(data, rows).Where(double.IsFinite).Average();

    public double Language(BaselineClip[] data, int[] rows) =>
        rows.GroupBy(i => data[i].Language)
        .Average(g => g.Average(i => languages[_languages[i].Index().MaxBy(s => s.Item).Index] == g.Key ? 1.0 : 0));

    /// <summary>Difference with its 95 % interval over resampled subjects.</summary>
    public string Interval(
        BaselineScores other, BaselineClip[] data, Func<BaselineScores, Func<BaselineClip[], int[], double>> measure)
    {
        MetricDifference found = SubjectIntervals.Difference(
            [.. data.Select(c => c.Subject)], rows => measure(this)(data, [.. rows]),
            rows => measure(other)(data, [.. rows]),
            new SubjectBootstrapOptions { Resamples = Resamples, Method = IntervalMethod.Percentile, Seed = 1 });
        return FormattableString.Invariant(
            $"{found.Estimate.Value:+0.000;-0.000;0.000} ({found.Low.Value:+0.000;-0.000;0.000} to ") +
            FormattableString.Invariant($"{found.High.Value:+0.000;-0.000;0.000}), p {found.PValue.Value:0.000}");
    }

    /// <summary>Each rating's difference from other scores, as text.</summary>
    public IEnumerable<string> EachInterval(BaselineScores other, BaselineClip[] data) =>
        Enumerable.Range(0, BaselineClip.Labels).Select(k => Interval(other, data,
            s => (clips, rows) => s.EachRating(clips, rows)[k]));

    /// <summary>Writes the scores, to be read by <see cref="Read"/> as the column <see cref="Saved"/>.</summary>
    public void Save(string path, BaselineClip[] clips, string[] ratings) => File.WriteAllLines(path,
        [$"file,speaker,fold,task,{Saved}", .. clips.SelectMany((c, i) =>
            ratings.Select((r, k) => FormattableString.Invariant(
                $"{c.File},{c.Subject},{c.Fold},{r},{_ratings[i][k]:R}"))
            .Concat(languages.Select((l, k) => FormattableString.Invariant(
                $"{c.File},{c.Subject},{c.Fold},language={l},{_languages[i][k]:R}"))))]);

    private double[] EachRating(BaselineClip[] data, int[] rows) =>
        [.. Enumerable.Range(0, BaselineClip.Labels).Select(k => Auc(
            [.. rows.Where(i => data[i].Ratings[k] == 1).Select(i => _ratings[i][k])],
            [.. rows.Where(i => data[i].Ratings[k] == 0).Select(i => _ratings[i][k])]))];

    private static double Auc(float[] positive, float[] negative)
    {
        Array.Sort(negative);
        double wins = 0;
        foreach (float score in positive)
        {
            (int below, int to) = (Below(negative, score, false), Below(negative, score, true));
            wins += below + ((to - below) / 2.0);
        }
        return wins / ((double)positive.Length * negative.Length);
    }

    private static int Below(float[] sorted, float value, bool orEqual)
    {
        (int low, int high) = (0, sorted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value || (orEqual && sorted[middle] == value)
                ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
