using SpeechML.Data.Evaluation.Metrics.Definitions;

namespace SpeechML.Data.Evaluation.Association;

/// <summary>An effect size of subjects' means as a function of the clips' weights, and its p-value.</summary>
/// <param name="Size">The effect size: a subject weighs as much as its clips do.</param>
/// <param name="PValue">The p-value.</param>
/// <param name="NoInterval">Why resamples say nothing of it; <see langword="null"/> where they do.</param>
internal sealed record SubjectEffect(WeightedMetric Size, MetricValue PValue, string? NoInterval)
{
    private const int MaxPermuted = 7; // 5,040 orders

    /// <summary>An effect that there is not.</summary>
    public static SubjectEffect None(string reason)
    {
        MetricValue none = MetricValue.Because(reason);
        return new SubjectEffect(_ => none, none, null);
    }

    /// <summary>Cliff's delta of two groups of means.</summary>
    /// <param name="first">Of the first group.</param>
    /// <param name="second">Of the second.</param>
    /// <param name="groups">Their names.</param>
    public static SubjectEffect CliffsDelta(SubjectMean[] first, SubjectMean[] second, string[] groups)
    {
        if (first.Length == 0 || second.Length == 0)
        {
            return None($"no subject with '{groups[first.Length == 0 ? 0 : 1]}'");
        }
        (SubjectMean Mean, bool IsFirst)[] all = [.. first.Select(m => (m, true)).Concat(second.Select(m => (m, false)))
            .OrderBy(e => e.m.Value)];
        double[] sorted = Array.ConvertAll(all, e => e.Mean.Value);
        int[] ranks = TiedRanks.Doubled(sorted);
        var both = first.Select(m => m.Subject).Intersect(second.Select(m => m.Subject)).ToHashSet();
        List<int> singles = [];
        int sum = 0, chosen = 0;
        var pairs = new Dictionary<int, (int First, int Second)>();
        foreach ((int i, (SubjectMean mean, bool isFirst)) in all.Index())
        {
            sum += isFirst ? ranks[i] : 0;
            if (!both.Contains(mean.Subject))
            {
                singles.Add(ranks[i]);
                chosen += isFirst ? 1 : 0;
                continue;
            }
            (int one, int other) = pairs.GetValueOrDefault(mean.Subject);
            pairs[mean.Subject] = isFirst ? (ranks[i], other) : (one, ranks[i]);
        }
        double p = RankPermutations.PValue(sum, singles, chosen, [.. pairs.Values]);
        return new SubjectEffect(weights => Dominance(all, sorted, weights), p,
            first.Length == 1 ? $"one subject with '{groups[0]}'"
            : second.Length == 1 ? $"one subject with '{groups[1]}'" : null);
    }

    /// <summary>The rank-biserial correlation of the pairs of the subjects that are in both groups.</summary>
    /// <param name="first">Of the first group.</param>
    /// <param name="second">Of the second.</param>
    public static SubjectEffect RankBiserial(SubjectMean[] first, SubjectMean[] second)
    {
        Dictionary<int, SubjectMean> others = second.ToDictionary(m => m.Subject);
        SubjectMean[] pairs = [.. first.Where(m => others.ContainsKey(m.Subject))
            .Select(m => m with { Value = m.Value - others[m.Subject].Value })
            .OrderBy(m => Math.Abs(m.Value))];
        if (pairs.Length == 0)
        {
            return None("no subject with both");
        }
        // Without a difference there is no rank (Wilcoxon 1945).
        SubjectMean[] differing = [.. pairs.SkipWhile(m => m.Value == 0)];
        double[] sizes = Array.ConvertAll(differing, m => Math.Abs(m.Value));
        int[] ranks = TiedRanks.Doubled(sizes);
        int up = differing.Index().Sum(m => m.Item.Value > 0 ? ranks[m.Index] : 0);
        double p = RankPermutations.PValue(up, [], 0, [.. ranks.Select(r => (r, 0))]);
        return new SubjectEffect(weights => SignedRanks(differing, sizes, weights), p,
            pairs.Length == 1 ? "one subject with both" : null);
    }

    /// <summary>Spearman's correlation of subjects' means of a measure and of a number.</summary>
    /// <param name="measure">Of the measure.</param>
    /// <param name="number">Of the number, of the same subjects.</param>
    public static SubjectEffect Spearman(SubjectMean[] measure, SubjectMean[] number)
    {
        if (measure.Length < 3)
        {
            return None(measure.Length == 0 ? "no subject" : measure.Length == 1 ? "one subject" : "two subjects");
        }
        var clips = EvaluatedClips.Regression(
            Array.ConvertAll(number, m => m.Value), Array.ConvertAll(measure, m => m.Value));
        WeightedMetric correlation = RankCorrelationMetrics.Spearman.Prepare(clips);
        int[] rows = Array.ConvertAll(measure, m => m.Row), once = Array.ConvertAll(measure, _ => 1);
        MetricValue observed = correlation(once);
        return new SubjectEffect(weights =>
        {
            Span<int> own = rows.Length <= 256 ? stackalloc int[rows.Length] : new int[rows.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                own[i] = weights[rows[i]];
            }
            return correlation(own);
        }, observed.Value is not { } rho ? observed : measure.Length <= MaxPermuted
            ? Permuted(measure, number, rho) : RankCorrelationMetrics.PValue(observed, measure.Length), null);
    }

    // Means that are tied count half (N. Cliff 1993).
    private static MetricValue Dominance(
        (SubjectMean Mean, bool IsFirst)[] all, double[] sorted, ReadOnlySpan<int> weights)
    {
        double below = 0, wins = 0, first = 0;
        for (int from = 0, to; from < all.Length; from = to)
        {
            double tiedFirst = 0, tiedSecond = 0;
            for (to = from; to < all.Length && sorted[to] == sorted[from]; to++)
            {
                int weight = weights[all[to].Mean.Row];
                tiedFirst += all[to].IsFirst ? weight : 0;
                tiedSecond += all[to].IsFirst ? 0 : weight;
            }
            wins += tiedFirst * (below + (tiedSecond / 2));
            below += tiedSecond;
            first += tiedFirst;
        }
        return first == 0 || below == 0 ? MetricValue.Because("one group only") : (2 * wins / (first * below)) - 1;
    }

    private static MetricValue SignedRanks(SubjectMean[] differing, double[] sizes, ReadOnlySpan<int> weights)
    {
        double below = 0, up = 0, all = 0;
        for (int from = 0, to; from < differing.Length; from = to)
        {
            double tied = 0, tiedUp = 0;
            for (to = from; to < differing.Length && sizes[to] == sizes[from]; to++)
            {
                int weight = weights[differing[to].Row];
                tied += weight;
                tiedUp += differing[to].Value > 0 ? weight : 0;
            }
            double rank = below + ((tied + 1) / 2);
            up += tiedUp * rank;
            all += tied * rank;
            below += tied;
        }
        return all == 0 ? 0 : ((2 * up) - all) / all;
    }

    /// <summary>The share of all orders whose correlation is as far from 0.</summary>
    private static double Permuted(SubjectMean[] measure, SubjectMean[] number, double rho)
    {
        const double Rounding = 1e-12;
        double[] y = Centred(number);
        double[] x = Centred(measure);
        double scale = Math.Sqrt(y.Sum(v => v * v) * x.Sum(v => v * v)), all = 0, far = 0;
        Visit(0);
        return far / all;

        void Visit(int from)
        {
            if (from == x.Length)
            {
                double products = 0;
                for (int i = 0; i < x.Length; i++)
                {
                    products += x[i] * y[i];
                }
                all++;
                far += Math.Abs(products / scale) >= Math.Abs(rho) - Rounding ? 1 : 0;
                return;
            }
            for (int i = from; i < x.Length; i++)
            {
                (x[from], x[i]) = (x[i], x[from]);
                Visit(from + 1);
                (x[from], x[i]) = (x[i], x[from]);
            }
        }

        static double[] Centred(SubjectMean[] means)
        {
            int[] order = [.. Enumerable.Range(0, means.Length).OrderBy(i => means[i].Value)];
            int[] ranks = TiedRanks.Doubled(Array.ConvertAll(order, i => means[i].Value));
            double[] centred = new double[means.Length];
            foreach ((int k, int i) in order.Index())
            {
                centred[i] = ranks[k] - (means.Length + 1);
            }
            return centred;
        }
    }
}
