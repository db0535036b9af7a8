using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Evaluation.Association;

/// <summary>Compares measures by labels.</summary>
internal static class MeasureComparing
{
    /// <summary>Medians, effect sizes and p-values of each measure by each label.</summary>
    /// <param name="measures">Name and unit of each measure.</param>
    /// <param name="clips">The measures of each clip; NaN where undefined.</param>
    /// <param name="subjects">The subject of each clip; <see langword="null"/> where not known.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="options">Resamples, confidence, method, seed.</param>
    public static MeasureTable Compare(
        IReadOnlyList<(string Name, string Unit)> measures, IReadOnlyList<float[]> clips,
        IReadOnlyList<string>? subjects, IEnumerable<ComparedLabel> labels, SubjectBootstrapOptions options)
    {
        string[]? people = subjects is null || subjects.Any(string.IsNullOrWhiteSpace) ? null : [.. subjects];
        int known = people is null ? 0 : people.Distinct(StringComparer.Ordinal).Count();
        return new MeasureTable
        {
            Clips = clips.Count,
            Subjects = known,
            NoInterval = known switch { 0 => "subjects are not known", 1 => "one subject", _ => "" },
            Labels = Correct([.. labels.Select(l => l.Note.Length > 0
                ? new LabelMeasures(l.Name, MeasureEffect.CliffsDelta, []) { Note = l.Note }
                : Compare(measures, clips, people, l, options))]),
        };
    }

    private static LabelMeasures Compare(
        IReadOnlyList<(string Name, string Unit)> measures, IReadOnlyList<float[]> clips, string[]? people,
        ComparedLabel label, SubjectBootstrapOptions options)
    {
        int[] rated = [.. Enumerable.Range(0, clips.Count).Where(i => label.Values[i] is not null)];
        double[] target = Array.ConvertAll(rated, i => label.Values[i]!.Value);
        string[]? own = people is null ? null : Array.ConvertAll(rated, i => people[i]);
        int[]? subjects = own is null || own.Length == 0 ? null : new SubjectIndex(own).OfRow;
        MeasureEffect effect = label.Groups is null ? MeasureEffect.Spearman
            : subjects is not null && MostHaveBoth(subjects, target) ? MeasureEffect.RankBiserial
            : MeasureEffect.CliffsDelta;
        string[] groups = label.Groups ?? ["all"];
        var metrics = new List<WeightedMetric>();
        var rows = new List<int[]>();
        var effects = new List<SubjectEffect>();
        for (int j = 0; j < measures.Count; j++)
        {
            double[] values = Array.ConvertAll(rated, i => (double)clips[i][j]);
            for (int g = 0; g < groups.Length; g++)
            {
                int[] inside = [.. Enumerable.Range(0, rated.Length).Where(i => double.IsFinite(values[i])
                    && (label.Groups is null || target[i] == 1 - g))];
                metrics.Add(WeightedMedian.Of(values, inside));
                rows.Add(inside);
            }
            SubjectEffect one = subjects is null ? SubjectEffect.None("subjects are not known")
                : Effect(effect, values, target, subjects, groups);
            effects.Add(one);
            metrics.Add(one.Size);
            rows.Add([.. Enumerable.Range(0, rated.Length).Where(i => double.IsFinite(values[i]))]);
        }
        MetricInterval[] found = Intervals(own, metrics, rows, options);
        int per = groups.Length + 1;
        return new LabelMeasures(label.Name, effect, [.. measures.Select((m, j) => new MeasureAssociation(
            m.Name, m.Unit,
            [.. groups.Select((name, g) => new MeasureGroup(name, rows[(per * j) + g].Length,
                subjects is null ? 0 : rows[(per * j) + g].Select(i => subjects[i]).Distinct().Count(),
                found[(per * j) + g]))],
            Without(found[(per * (j + 1)) - 1], effects[j].NoInterval), effects[j].PValue, effects[j].PValue)
        {
            Note = found[(per * (j + 1)) - 1].Estimate.Undefined ?? effects[j].NoInterval
                ?? effects[j].PValue.Undefined ?? "",
        })])
        {
            Note = Warning(effect, subjects, target),
        };
    }

    /// <summary>Whether more subjects have clips of both groups than of one.</summary>
    private static bool MostHaveBoth(int[] subjects, double[] target)
    {
        int[] sides = [.. subjects.Zip(target).GroupBy(p => p.First).Select(g => g.Distinct().Count())];
        return 2 * sides.Count(s => s == 2) > sides.Length;
    }

    private static SubjectEffect Effect(
        MeasureEffect effect, double[] values, double[] target, int[] subjects, string[] groups)
    {
        if (effect == MeasureEffect.Spearman)
        {
            return SubjectEffect.Spearman(SubjectMean.Of(values, subjects, _ => true),
                SubjectMean.Of(target, subjects, i => double.IsFinite(values[i])));
        }
        SubjectMean[] first = SubjectMean.Of(values, subjects, i => target[i] == 1),
            second = SubjectMean.Of(values, subjects, i => target[i] == 0);
        return effect == MeasureEffect.RankBiserial ? SubjectEffect.RankBiserial(first, second)
            : SubjectEffect.CliffsDelta(first, second, groups);
    }

    private static MetricInterval[] Intervals(
        string[]? own, List<WeightedMetric> metrics, List<int[]> rows, SubjectBootstrapOptions options)
    {
        if (own is { Length: > 0 })
        {
            return [.. SubjectIntervals.Run(own, metrics, rows, options).Select(s => s.ToInterval(options))];
        }
        // Where nobody is rated, or it is not known who speaks.
        int[] once = new int[rows.SelectMany(r => r).DefaultIfEmpty(-1).Max() + 1];
        Array.Fill(once, 1);
        MetricValue none = MetricValue.Because("subjects are not known");
        return [.. metrics.Select(m => new MetricInterval(m(once), none, none, options.Confidence, 0, 0))];
    }

    private static MetricInterval Without(MetricInterval interval, string? reason) => reason is null ? interval
        : interval with { Low = MetricValue.Because(reason), High = MetricValue.Because(reason) };

    /// <summary>Too few subjects for any p-value to be small.</summary>
    private static string Warning(MeasureEffect effect, int[]? subjects, double[] target)
    {
        const double Usual = 0.05;
        if (subjects is null || effect == MeasureEffect.Spearman)
        {
            return "";
        }
        int[][] sides = [.. subjects.Zip(target).GroupBy(p => p.First)
            .Select(g => g.Select(p => (int)p.Second).Distinct().ToArray())];
        int both = sides.Count(s => s.Length == 2);
        int first = effect == MeasureEffect.RankBiserial ? 0 : sides.Count(s => s is [1]),
            second = effect == MeasureEffect.RankBiserial ? 0 : sides.Count(s => s is [0]);
        double orders = Math.Pow(2, both);
        for (int k = 1; k <= first; k++)
        {
            orders *= (second + k) / (double)k;
        }
        return orders >= 2 / Usual ? "" : FormattableString.Invariant(
            $"Few subjects: no p-value can be below {Math.Min(1, 2 / orders):0.##}, whatever the measures are.");
    }

    private static LabelMeasures[] Correct(LabelMeasures[] labels)
    {
        double[] known = [.. labels.SelectMany(l => l.Measures).Select(m => m.PValue.Value).OfType<double>()];
        double[] corrected = FalseDiscoveryRate.Correct(known);
        int next = 0;
        return [.. labels.Select(l => l with
        {
            Measures = [.. l.Measures.Select(m =>
                m.PValue.Value is null ? m : m with { Corrected = corrected[next++] })],
        })];
    }
}
