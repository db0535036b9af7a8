using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML;

/// <summary>Truth and prediction of rated clips: what a metric is computed from.</summary>
public sealed class EvaluatedClips
{
    private readonly int _decisionCount;
    private readonly Lazy<RankedRows[]> _rankings;
    private readonly Lazy<int[]> _cells;
    private readonly int[] _classes;
    private readonly int[] _decisions;
    private readonly double[] _truth;
    private readonly double[] _predicted;
    private readonly double[][] _probabilities;

    private EvaluatedClips(
        SpeechTask task, int classCount, int[] classes, int[] decisions, double[] truth, double[] predicted,
        double[][] probabilities)
    {
        (Task, ClassCount, _decisionCount) = (task, classCount, classCount * classCount);
        (_classes, _decisions, _truth, _predicted, _probabilities) =
            (classes, decisions, truth, predicted, probabilities);
        _cells = new Lazy<int[]>(() => [.. _classes.Zip(_decisions, (t, p) => (t * ClassCount) + p)]);
        _rankings = new Lazy<RankedRows[]>(Rank);
    }

    /// <summary>The task; the clips of one label of several are those of <see cref="SpeechTask.Binary"/>.</summary>
    public SpeechTask Task { get; }

    /// <summary>How many clips there are.</summary>
    public int Count => _truth.Length;

    /// <summary>How many classes there are: 2 of a binary task, 0 of regression.</summary>
    public int ClassCount { get; }

    /// <summary>The class of each clip, from 0; of a binary task 1 for positive. Empty for regression.</summary>
    public IReadOnlyList<int> Classes => _classes;

    /// <summary>The class that was decided for each clip. Empty for regression.</summary>
    public IReadOnlyList<int> Decisions => _decisions;

    /// <summary>The number that was wanted; of classes their number.</summary>
    public IReadOnlyList<double> Truth => _truth;

    /// <summary>The number that was predicted; of classes the number of the decision.</summary>
    public IReadOnlyList<double> Predicted => _predicted;

    /// <summary>
    /// Of each clip: the probability of positive (binary), of each class (multiclass), or of more than class k for
    /// k = 0 … K - 2 (ordinal). Empty for regression, and for ordered classes without probabilities.
    /// </summary>
    public IReadOnlyList<double[]> Probabilities => _probabilities;

    /// <summary>What is ranked: the positives, each class against the others, or each threshold between classes.
    /// </summary>
    internal IReadOnlyList<RankedRows> Rankings => _rankings.Value;

    /// <summary>Clips that are positive or not.</summary>
    /// <param name="positive">The truth.</param>
    /// <param name="probabilities">The probabilities, in [0, 1].</param>
    /// <param name="decisions">The decisions; <see langword="null"/> for probabilities from 0.5 up.</param>
    /// <exception cref="ArgumentException">Lengths that differ, a probability out of range: names the row.</exception>
    public static EvaluatedClips Binary(
        IReadOnlyList<bool> positive, IReadOnlyList<double> probabilities, IReadOnlyList<bool>? decisions = null)
    {
        ArgumentNullException.ThrowIfNull(positive);
        ArgumentNullException.ThrowIfNull(probabilities);
        CheckLengths(positive.Count, probabilities.Count, decisions?.Count);
        for (int i = 0; i < probabilities.Count; i++)
        {
            MetricInput.CheckProbability(probabilities[i], i);
        }
        int[] truth = [.. positive.Select(p => p ? 1 : 0)],
            decided = [.. decisions?.Select(d => d ? 1 : 0) ?? probabilities.Select(p => p >= 0.5 ? 1 : 0)];
        return Of(SpeechTask.Binary, 2, truth, decided, [.. probabilities.Select(p => new[] { p })]);
    }

    /// <summary>Clips of one class out of several.</summary>
    /// <param name="classes">Class numbers from 0.</param>
    /// <param name="probabilities">Per clip a probability for each class.</param>
    /// <param name="decisions">Class numbers; <see langword="null"/> for the most probable class, the first on ties.
    /// </param>
    /// <exception cref="ArgumentException">No clips, lengths that differ, a class out of range, probabilities that do
    /// not sum to 1: names the row.</exception>
    public static EvaluatedClips Multiclass(
        IReadOnlyList<int> classes, IReadOnlyList<double[]> probabilities, IReadOnlyList<int>? decisions = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(probabilities);
        MetricInput.CheckRows(classes.Count, probabilities.Count);
        CheckLengths(classes.Count, probabilities.Count, decisions?.Count);
        int count = probabilities[0].Length;
        for (int i = 0; i < classes.Count; i++)
        {
            MetricInput.CheckClass("Label", classes[i], count, i);
            MetricInput.CheckProbabilities(probabilities[i], i);
            MetricInput.CheckClass("Decision", decisions?[i] ?? 0, count, i);
        }
        return Of(SpeechTask.Multiclass, count, [.. classes],
            [.. decisions ?? probabilities.Select(p => Array.IndexOf(p, p.Max()))], [.. probabilities]);
    }

    /// <summary>Clips of one class out of several that have an order.</summary>
    /// <param name="classes">Class numbers from 0.</param>
    /// <param name="decisions">Class numbers from 0.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="above">Per clip P(class &gt; k) for k = 0 … K - 2; <see langword="null"/> where not known.</param>
    /// <exception cref="ArgumentException">Lengths that differ, a class out of range: names the row.</exception>
    public static EvaluatedClips Ordinal(
        IReadOnlyList<int> classes, IReadOnlyList<int> decisions, int classCount,
        IReadOnlyList<double[]>? above = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(decisions);
        CheckLengths(classes.Count, decisions.Count, above?.Count);
        for (int i = 0; i < classes.Count; i++)
        {
            MetricInput.CheckClass("Class", classes[i], classCount, i);
            MetricInput.CheckClass("Class", decisions[i], classCount, i);
        }
        return Of(SpeechTask.Ordinal, classCount, [.. classes], [.. decisions], above is null ? [] : [.. above]);
    }

    /// <summary>Clips with a number.</summary>
    /// <param name="truth">The numbers that were wanted.</param>
    /// <param name="predicted">The numbers that were predicted.</param>
    /// <exception cref="ArgumentException">Lengths that differ, a value that is not finite: names the row.</exception>
    public static EvaluatedClips Regression(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(predicted);
        CheckLengths(truth.Count, predicted.Count, null);
        for (int i = 0; i < truth.Count; i++)
        {
            MetricInput.CheckFinite(truth[i], i);
            MetricInput.CheckFinite(predicted[i], i);
        }
        return new EvaluatedClips(SpeechTask.Regression, 0, [], [], [.. truth], [.. predicted], []);
    }

    /// <summary>Some of the clips; a clip may be taken more than once.</summary>
    /// <param name="rows">Their numbers, from 0.</param>
    public EvaluatedClips Take(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        T[] Pick<T>(T[] values) => values.Length == 0 ? values : [.. rows.Select(i => values[i])];
        return new EvaluatedClips(Task, ClassCount, Pick(_classes), Pick(_decisions), Pick(_truth), Pick(_predicted),
            Pick(_probabilities));
    }

    /// <summary>Counts of truth against decision of all clips.</summary>
    internal ConfusionMatrix Confusion()
    {
        int[] once = new int[Count];
        Array.Fill(once, 1);
        return Confusion(once)!;
    }

    /// <summary>Counts of truth against decision; <see langword="null"/> where all weights are 0.</summary>
    internal ConfusionMatrix? Confusion(ReadOnlySpan<int> weights)
    {
        Span<long> cells = _decisionCount <= 256 ? stackalloc long[_decisionCount] : new long[_decisionCount];
        cells.Clear();
        int[] cell = _cells.Value;
        long rows = 0;
        for (int i = 0; i < cell.Length; i++)
        {
            cells[cell[i]] += weights[i];
            rows += weights[i];
        }
        if (rows == 0)
        {
            return null;
        }
        long[][] counts = new long[ClassCount][];
        for (int t = 0; t < counts.Length; t++)
        {
            counts[t] = cells.Slice(t * ClassCount, ClassCount).ToArray();
        }
        return new ConfusionMatrix(counts);
    }

    private static EvaluatedClips Of(
        SpeechTask task, int classCount, int[] classes, int[] decisions, double[][] probabilities) =>
        new(task, classCount, classes, decisions, Array.ConvertAll(classes, c => (double)c),
            Array.ConvertAll(decisions, c => (double)c), probabilities);

    private static void CheckLengths(int truth, int predicted, int? others)
    {
        if (truth != predicted || (others ?? truth) != truth)
        {
            throw new ArgumentException(
                $"Clips: expected truth and prediction of as many clips, got {truth} and " +
                $"{(truth != predicted ? predicted : others)}.");
        }
    }

    private RankedRows[] Rank()
    {
        if (_probabilities.Length == 0)
        {
            return [];
        }
        RankedRows Column(int column, Func<int, bool> positive, string? name) => new(
            Array.ConvertAll(_classes, c => positive(c)), Array.ConvertAll(_probabilities, p => p[column]), name);
        return Task switch
        {
            SpeechTask.Binary => [Column(0, c => c == 1, null)],
            SpeechTask.Multiclass when ClassCount == 2 => [Column(1, c => c == 1, null)],
            SpeechTask.Multiclass => [.. Enumerable.Range(0, ClassCount)
                .Select(k => Column(k, c => c == k, FormattableString.Invariant($"class {k}")))],
            _ => [.. Enumerable.Range(0, ClassCount - 1)
                .Select(k => Column(k, c => c > k, FormattableString.Invariant($"above class {k}")))],
        };
    }
}
