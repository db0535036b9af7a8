using SpeechML.Data.Evaluation.Resampling;
using SpeechML.Runs.Scoring;

namespace SpeechML.Runs.Comparison;

/// <summary>Puts runs beside one another.</summary>
internal static class RunComparing
{
    private const string Unknown = "subjects are not known";

    /// <summary>Compares runs.</summary>
    /// <param name="folders">Their folders.</param>
    /// <param name="split">The part; empty for the first that all were evaluated on.</param>
    /// <param name="options">Resamples, method, seed in use.</param>
    public static SpeechRunComparison Of(
        IReadOnlyList<string> folders, string split, SubjectBootstrapOptions options)
    {
        if (folders.Count < 2)
        {
            throw new ArgumentException(
                $"Runs to compare: expected two folders or more, got {folders.Count}.", nameof(folders));
        }
        var runs = new List<SpeechRun>();
        try
        {
            runs.AddRange(folders.Select(SpeechRun.Open));
            return Of(runs, PartOf(runs, split), options);
        }
        finally
        {
            runs.ForEach(r => r.Dispose());
        }
    }

    private static SpeechRunComparison Of(List<SpeechRun> runs, string split, SubjectBootstrapOptions options)
    {
        string[] names = Names(runs);
        SpeechComparedRun[] compared = [.. runs.Select((r, i) => new SpeechComparedRun(
            names[i], r.Folder, r.Evaluations.First(e => e.Split == split), [.. r.Epochs]))];
        for (int i = 1; i < compared.Length; i++)
        {
            Check(compared[0], compared[i]);
        }
        var differences = new List<SpeechRunDifference>();
        var common = new Dictionary<string, int>(StringComparer.Ordinal);
        bool known = true;
        for (int i = 1; i < runs.Count; i++)
        {
            (RunPrediction[] first, RunPrediction[] second) = Common(runs[0], runs[i], split, names[i]);
            int labels = first.Select(p => p.Label).Distinct(StringComparer.Ordinal).Count();
            common[names[i]] = first.Length / Math.Max(1, labels);
            known &= first.All(p => p.Subject.Length > 0);
            SpeechTask task = compared[0].Evaluation.Task;
            IReadOnlyDictionary<string, ResampledStatistic> ours = RunEvaluator.Statistics(task, second, options),
                theirs = RunEvaluator.Statistics(task, first, options);
            differences.AddRange(ours.Where(s => theirs.ContainsKey(s.Key)).Select(s => new SpeechRunDifference(
                names[i], SpeechMetrics.Find(s.Key)!,
                ResampledStatistic.Difference(s.Value, theirs[s.Key]).ToDifference(options), null)));
        }
        return new SpeechRunComparison(
            split, compared, Adjusted(differences), Settings(runs), common, known ? null : Unknown);
    }

    private static string PartOf(List<SpeechRun> runs, string split)
    {
        IEnumerable<string> parts = runs.Skip(1).Aggregate(
            runs[0].Evaluations.Select(e => e.Split), (all, r) => all.Intersect(r.Evaluations.Select(e => e.Split)));
        string has = string.Join("; ", runs.Select(r => $"'{r.Name}': " +
            (r.Evaluations.Count == 0 ? "none" : string.Join(", ", r.Evaluations.Select(e => e.Split)))));
        if (split.Length == 0)
        {
            // Where there is a test part, that is what counts.
            return parts.OrderByDescending(p => p == "test").FirstOrDefault() ?? throw new ArgumentException(
                $"Runs to compare: expected a part that all were evaluated on, got {has}.", nameof(split));
        }
        return parts.Contains(split) ? split : throw new ArgumentException(
            $"Runs to compare: expected all to be evaluated on part '{split}', got {has}.", nameof(split));
    }

    private static void Check(SpeechComparedRun first, SpeechComparedRun other)
    {
        string[] one = [.. first.Evaluation.Labels.Select(l => l.Label)],
            two = [.. other.Evaluation.Labels.Select(l => l.Label)];
        if (first.Evaluation.Task != other.Evaluation.Task || !one.Order().SequenceEqual(two.Order()))
        {
            throw new ArgumentException(
                $"Run '{other.Name}': expected the task and labels of '{first.Name}', {first.Evaluation.Task} of " +
                $"{string.Join(", ", one)}, got {other.Evaluation.Task} of {string.Join(", ", two)}.");
        }
    }

    /// <summary>The predictions of both runs about the clips that both have, in one order.</summary>
    private static (RunPrediction[] First, RunPrediction[] Second) Common(
        SpeechRun first, SpeechRun second, string split, string name)
    {
        Dictionary<(string AudioKey, string Label), RunPrediction> others = [];
        foreach (RunPrediction p in second.Predictions.Where(p => p.Split == split))
        {
            others.TryAdd((p.AudioKey, p.Label), p);
        }
        (RunPrediction One, RunPrediction Two)[] pairs = [.. first.Predictions.Where(p => p.Split == split)
            .Where(p => others.ContainsKey((p.AudioKey, p.Label))).Select(p => (p, others[(p.AudioKey, p.Label)]))];
        if (pairs.Length == 0)
        {
            throw new ArgumentException(
                $"Run '{name}': expected clips of part '{split}' of '{first.Name}', got none. Runs are compared clip " +
                $"by clip, by the names in SpeechRunColumns.{nameof(SpeechRunColumns.AudioKey)}.");
        }
        if (pairs.FirstOrDefault(p => p.One.Target != p.Two.Target || p.One.Subject != p.Two.Subject) is
            { One: not null } other)
        {
            throw new ArgumentException(
                $"Run '{name}': expected clip '{other.One.AudioKey}' to have subject '{other.One.Subject}' and truth " +
                $"{other.One.Target} for '{other.One.Label}' as in '{first.Name}', got '{other.Two.Subject}' and " +
                $"{other.Two.Target}.");
        }
        return (Array.ConvertAll(pairs, p => p.One), Array.ConvertAll(pairs, p => p.Two));
    }

    /// <summary>Holm's correction over the runs, metric by metric.</summary>
    private static List<SpeechRunDifference> Adjusted(List<SpeechRunDifference> differences)
    {
        var adjusted = new Dictionary<SpeechRunDifference, double>(ReferenceEqualityComparer.Instance);
        foreach (IGrouping<SpeechMetric, SpeechRunDifference> metric in differences
            .Where(d => d.Difference.PValue.Value is not null).GroupBy(d => d.Metric))
        {
            SpeechRunDifference[] rising = [.. metric.OrderBy(d => d.Difference.PValue.Value)];
            double before = 0;
            for (int k = 0; k < rising.Length; k++)
            {
                before = Math.Max(before, Math.Min(1, (rising.Length - k) * rising[k].Difference.PValue.Value!.Value));
                adjusted[rising[k]] = before;
            }
        }
        return [.. differences.Select(
            d => adjusted.TryGetValue(d, out double p) ? d with { AdjustedPValue = p } : d)];
    }

    private static List<SpeechRunSetting> Settings(List<SpeechRun> runs)
    {
        IReadOnlyList<RunSettings.Setting>[] all = [.. runs.Select(RunSettings.Of)];
        return [.. all.SelectMany(s => s.Select(x => x.Name)).Distinct(StringComparer.Ordinal)
            .Select(name => new SpeechRunSetting(name, [.. all.Select(s => s.Value(name))]))
            .Where(s => s.Values.Distinct(StringComparer.Ordinal).Count() > 1)];
    }

    private static string[] Names(List<SpeechRun> runs)
    {
        string[] names = [.. runs.Select(r => r.Name)];
        if (names.Distinct(StringComparer.Ordinal).Count() == names.Length)
        {
            return names;
        }
        string[] longer = [.. runs.Select(r => string.Join('/', r.Folder.Split('/', '\\').TakeLast(2)))];
        return longer.Distinct(StringComparer.Ordinal).Count() == longer.Length ? longer
            : [.. longer.Select((n, i) => FormattableString.Invariant($"{n} ({i + 1})"))];
    }
}
