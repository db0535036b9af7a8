using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Data.Tests.Metrics;

/// <summary>
/// What the references hold for one label and for classes: the list's metrics, and means that follow from them.
/// </summary>
internal static class GoldenMetrics
{
    public static Dictionary<string, object?> Binary(int[] truth, double[] scores)
    {
        MetricInput.CheckRows(truth.Length, scores.Length);
        for (int i = 0; i < truth.Length; i++)
        {
            MetricInput.CheckClass("Label", truth[i], 2, i);
        }
        bool[] positive = Array.ConvertAll(truth, t => t == 1);
        EvaluatedClips clips = EvaluatedClips.Binary(positive, scores);
        Dictionary<string, object?> values = Decisions(clips);
        values["kappa_quadratic"] = clips.Confusion().Kappa(2);
        values["roc_curve"] = Ranking.Roc(positive, scores);
        values["pr_curve"] = Ranking.PrecisionRecall(positive, scores);
        return values;
    }

    public static Dictionary<string, object?> Multiclass(int[] truth, double[][] scores)
    {
        EvaluatedClips clips = EvaluatedClips.Multiclass(truth, scores);
        int classes = clips.ClassCount;
        int[] all = [.. Enumerable.Range(0, classes)];
        Dictionary<string, object?> values = Decisions(clips);
        values["kappa_quadratic"] = clips.Confusion().Kappa(2);
        double[] share = [.. all.Select(c => truth.Count(t => t == c) / (double)truth.Length)];
        MetricValue Auc(int c, int[] rows) => SpeechMetrics.RocAuc.Compute(EvaluatedClips.Binary(
            Array.ConvertAll(rows, i => truth[i] == c), Array.ConvertAll(rows, i => scores[i][c])));
        int[] everything = [.. Enumerable.Range(0, truth.Length)];
        MetricValue[] ovr = [.. all.Select(c => Auc(c, everything))];
        MetricValue macro = SpeechMetrics.RocAuc.Compute(clips), weighted = macro, pairs = macro, pairsWeighted = macro;
        if (classes > 2 && macro.Value is not null)
        {
            weighted = all.Sum(c => share[c] * ovr[c].Value!.Value);
            (double Value, double Weight)[] one = [.. from a in all from b in all where a < b
                let rows = everything.Where(i => truth[i] == a || truth[i] == b).ToArray()
                select ((Auc(a, rows).Value!.Value + Auc(b, rows).Value!.Value) / 2, share[a] + share[b])];
            pairs = one.Average(p => p.Value);
            pairsWeighted = one.Sum(p => p.Value * p.Weight) / one.Sum(p => p.Weight);
        }
        values["roc_auc_ovr_per_class"] = ovr;
        values["roc_auc_ovr_micro"] = SpeechMetrics.RocAuc.Compute(EvaluatedClips.Binary(
            [.. truth.SelectMany(t => all.Select(c => t == c))], [.. scores.SelectMany(p => p)]));
        values["roc_auc_ovr_macro"] = macro;
        values["roc_auc_ovr_weighted"] = weighted;
        values["roc_auc_ovo_macro"] = pairs;
        values["roc_auc_ovo_weighted"] = pairsWeighted;
        return values;
    }

    /// <summary>The list's metrics by name, and precision, recall and F1 of each class with their means.</summary>
    private static Dictionary<string, object?> Decisions(EvaluatedClips clips)
    {
        Dictionary<string, object?> values = SpeechMetrics.For(clips.Task).ToDictionary(
            m => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(m.Name), m => (object?)m.Compute(clips));
        ConfusionMatrix matrix = clips.Confusion();
        values["confusion"] = matrix.Counts;
        values["top2_accuracy"] = values.GetValueOrDefault("top2accuracy") ?? values.GetValueOrDefault("top2_accuracy");
        int[] all = [.. Enumerable.Range(0, clips.ClassCount)];
        foreach ((string name, Func<int, double> metric) in (
            (string, Func<int, double>)[])[("precision", matrix.Precision), ("recall", matrix.Recall),
            ("f1", matrix.F1)])
        {
            double[] each = [.. all.Select(metric)];
            values[name + "_per_class"] = each;
            values[name + "_macro"] = clips.Task == SpeechTask.Multiclass && name == "f1"
                ? SpeechMetrics.F1.Compute(clips) : each.Average();
            values[name + "_weighted"] = all.Sum(c => each[c] * matrix.Counts[c].Sum()) / clips.Count;
            values[name + "_micro"] = SpeechMetrics.Accuracy.Compute(clips);
        }
        return values;
    }
}
