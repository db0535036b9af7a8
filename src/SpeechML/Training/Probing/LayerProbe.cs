using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training.Probing;

/// <summary>
/// Chooses by linear models on inner folds of the training clips what of the hidden states an output is given: the
/// mean and deviation of one, or the means of all, with or without the extra features, or these alone.
/// </summary>
/// <param name="table">Features of the training clips.</param>
/// <param name="objective">What the models minimise.</param>
/// <param name="outputs">Outputs of the head.</param>
internal sealed class LayerProbe(FeatureTable table, LinearObjective objective, int outputs)
{
    /// <summary>C on the mean and deviation of one hidden state.</summary>
    public const double OneLayer = 0.03;

    /// <summary>C on the means of all, which are several times as many.</summary>
    public const double AllLayers = 0.01;

    /// <summary>C on the extra features alone.</summary>
    public const double ExtraAlone = 0.1;

    /// <summary>More clips than these tell no more about a layer.</summary>
    public const int MaxClips = 2000;

    /// <summary>
    /// Times that folds are drawn: the scores of one drawing differ by more than those of neighbouring layers.
    /// </summary>
    public const int Repeats = 3;

    private const int MinOfAClass = 4;
    private const double Tolerance = 1e-3;
    private const double ExactTolerance = 1e-6;

    /// <summary>Compares all candidates.</summary>
    /// <param name="subjects">Number of the subject of each clip.</param>
    /// <param name="subjectColumn">Where it was from; empty where each clip is its own.</param>
    /// <param name="names">The labels where each output has a score of its own, else one name.</param>
    /// <param name="frozen">Whether nothing of the encoder trains: else what trains begins at layer 1, and extra
    /// features are compared with layers only.</param>
    /// <param name="metric">What the models are compared by.</param>
    /// <param name="evaluate">Truth and prediction of each of <paramref name="names"/>.</param>
    /// <param name="seed">Seed of the folds.</param>
    /// <param name="checkAlive">Called before each model.</param>
    public LayerSearch Run(
        int[] subjects, string subjectColumn, string[] names, bool frozen, SpeechMetric metric,
        Func<IReadOnlyList<float[]>, IReadOnlyList<float[]>, IReadOnlyList<EvaluatedClips>> evaluate, int seed,
        Action checkAlive)
    {
        int[] clips = Sample(subjects.Length, seed);
        float[][] targets = [.. clips.Select(i => table.Clips.AllTargets[i])];
        int[] people = Renumber([.. clips.Select(i => subjects[i])]);
        int folds = InnerFolds.Assign(people, targets, objective.IsNumber, seed).Folds;
        int[][] drawn = [.. Enumerable.Range(0, Repeats)
            .Select(r => InnerFolds.Assign(people, targets, objective.IsNumber, seed, r).Fold)];
        bool enough = folds > 1 && clips.Length >= 2 * folds;
        LayerCandidate[] candidates = Candidates(frozen);
        if (enough)
        {
            candidates = [.. candidates.Select(c =>
                Scored(c, clips, targets, drawn, folds, metric, evaluate, checkAlive))];
        }
        bool[] few = [.. names.Select((_, k) => !enough || HasFew(targets, names.Length > 1 ? k : 0))];
        int joined = candidates.Length - 1;
        return new LayerSearch
        {
            Clips = clips.Length,
            Folds = enough ? folds : 0,
            Subjects = subjectColumn,
            Metric = metric.Name,
            Outputs = names,
            Candidates = candidates,
            Picked = [.. names.Select((_, k) => few[k] ? joined : Best(candidates, s => s[k], metric))],
            Note = Note(enough, few, names, table.HasExtras ? " and the extra features" : ""),
        };
    }

    /// <summary>The model of a candidate on all clips.</summary>
    public LinearProbe Refit(LayerCandidate candidate)
    {
        int[] all = [.. Enumerable.Range(0, table.Clips.Count)];
        using Tensor features = table.Of(candidate.Features, all);
        return LinearProbe.Fit(features, table.Clips.AllTargets, outputs, objective, candidate.Strength,
            ExactTolerance);
    }

    /// <summary>The best candidate by the mean over the labels.</summary>
    public static int BestForAll(LayerSearch search, SpeechMetric metric) =>
        Best(search.Candidates, s => s.Average(), metric);

    private LayerCandidate[] Candidates(bool frozen)
    {
        int lowest = frozen ? 0 : 1;
        LayerCandidate[] layers =
        [
            .. Enumerable.Range(lowest, table.Layers + 1 - lowest)
                .Select(i => new LayerCandidate(new LayerFeatures([i], true), OneLayer, [])),
            new LayerCandidate(
                new LayerFeatures([.. Enumerable.Range(0, table.Layers + 1)], false), AllLayers, []),
        ];
        if (!table.HasExtras)
        {
            return layers;
        }
        LayerCandidate[] alone = !frozen ? []
            : [new LayerCandidate(new LayerFeatures([], false) { Extra = true }, ExtraAlone, [])];
        return [.. layers, .. alone,
            .. layers.Select(c => c with { Features = c.Features with { Extra = true } })];
    }

    private LayerCandidate Scored(
        LayerCandidate candidate, int[] clips, float[][] targets, int[][] drawn, int folds, SpeechMetric metric,
        Func<IReadOnlyList<float[]>, IReadOnlyList<float[]>, IReadOnlyList<EvaluatedClips>> evaluate,
        Action checkAlive)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = table.Of(candidate.Features, clips);
        var scores = new List<double?[]>();
        foreach (int[] fold in drawn)
        {
            float[][] predicted = new float[clips.Length][];
            for (int f = 0; f < folds; f++)
            {
                checkAlive();
                int[] train = [.. Enumerable.Range(0, clips.Length).Where(i => fold[i] != f)];
                int[] test = [.. Enumerable.Range(0, clips.Length).Where(i => fold[i] == f)];
                using LinearProbe probe = LinearProbe.Fit(Rows(features, train), [.. train.Select(i => targets[i])],
                    outputs, objective, candidate.Strength, Tolerance);
                using Tensor output = probe.Run(Rows(features, test)).to(ScalarType.Float32);
                foreach ((int row, int clip) in test.Index())
                {
                    predicted[clip] = [.. output[row].data<float>()];
                }
            }
            scores.Add([.. evaluate(targets, predicted).Select(c => metric.Compute(c).Value)]);
        }
        return candidate with
        {
            Scores = [.. Enumerable.Range(0, scores[0].Length).Select(k => scores.Average(s => s[k]))],
            Drawings = [.. scores],
        };
    }

    private bool HasFew(float[][] targets, int label)
    {
        if (objective.IsNumber)
        {
            return false;
        }
        int[] counts = [.. targets.Select(t => objective.Target(t)[label]).Where(v => v >= 0)
            .CountBy(v => v).Select(c => c.Value)];
        return counts.Length < 2 || counts.Order().SkipLast(1).Last() < MinOfAClass;
    }

    private static string Note(bool enough, bool[] few, string[] names, string extras) => !enough
        ? $"too few clips or subjects for inner folds: the means of all layers{extras} are taken"
        : few.All(f => !f) ? ""
        : $"fewer than {MinOfAClass} clips of one side of {string.Join(", ", names.Where((_, k) => few[k]))}: " +
            $"the means of all layers{extras} are taken there";

    /// <summary>
    /// The best candidate, unless it is ahead of all layers joined by no more than the drawings differ: then these, as
    /// where there is nothing to compare by.
    /// </summary>
    internal static int Best(LayerCandidate[] candidates, Func<double?[], double?> of, SpeechMetric metric)
    {
        int best = Enumerable.Range(0, candidates.Length).Where(i => of(candidates[i].Scores) is not null)
            .Select(i => (int?)i).MaxBy(i => Sign(metric) * of(candidates[i!.Value].Scores)) ?? candidates.Length - 1;
        // Extra features are neither taken nor left for want of a difference.
        int joined = Array.FindLastIndex(candidates, c => c.Features.Extra == candidates[best].Features.Extra);
        double?[] ahead = [.. candidates[best].Drawings.Zip(
            candidates[joined].Drawings, (a, b) => Sign(metric) * (of(a) - of(b)))];
        if (ahead.Length < 2 || ahead.Any(a => a is null))
        {
            return best;
        }
        double mean = ahead.Average()!.Value;
        double deviation = Math.Sqrt(ahead.Sum(a => (a!.Value - mean) * (a.Value - mean)) / (ahead.Length - 1));
        return mean > deviation ? best : joined;
    }

    private static int Sign(SpeechMetric metric) => metric.Direction == MetricDirection.HigherIsBetter ? 1 : -1;

    private static int[] Sample(int clips, int seed)
    {
        int[] all = [.. Enumerable.Range(0, clips)];
        if (clips <= MaxClips)
        {
            return all;
        }
        SeedStream.Create(seed, "layer clips").Shuffle(all);
        return [.. all.Take(MaxClips).Order()];
    }

    private static int[] Renumber(int[] subjects)
    {
        int[] names = [.. subjects.Distinct().Order()];
        return Array.ConvertAll(subjects, s => Array.BinarySearch(names, s));
    }

    private static Tensor Rows(Tensor features, int[] rows)
    {
        using Tensor index = tensor(Array.ConvertAll(rows, r => (long)r));
        return features.index_select(0, index);
    }
}
