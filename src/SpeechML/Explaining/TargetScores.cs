using SpeechML.Model;

namespace SpeechML.Explaining;

/// <summary>
/// From a model's outputs to the scores that are explained: log odds, on which a score that is sure already still
/// moves, or the number of a regression.
/// </summary>
internal sealed class TargetScores
{
    private const double Step = 1e-4; // of the derivative's central difference; outputs are of the order of 1
    private const double LeastShare = 1e-12; // a probability of 0 or 1 has no odds

    private readonly Func<double[], double[]> _scores;
    private readonly int[] _chosen;
    private readonly bool _isNumber;

    private TargetScores(string[] names, Func<double[], double[]> scores, bool isNumber, IReadOnlyList<string> wanted)
    {
        _scores = scores;
        _isNumber = isNumber;
        _chosen = wanted.Count == 0 ? [.. Enumerable.Range(0, names.Length)] : [.. wanted.Distinct().Select(name =>
            Array.IndexOf(names, name) is var at && at >= 0 ? at : throw new ArgumentException(
                $"Option {nameof(SpeechExplanationOptions.Targets)}: expected names among " +
                $"{string.Join(", ", names.Select(n => $"'{n}'"))}, got '{name}'."))];
        Names = [.. _chosen.Select(i => names[i])];
    }

    public IReadOnlyList<string> Names { get; }

    /// <param name="scorer">The model.</param>
    /// <param name="wanted">The names to explain; empty for all.</param>
    /// <exception cref="ArgumentException">The model has no target of a name.</exception>
    public static TargetScores Of(SpeechScoringTransformer scorer, IReadOnlyList<string> wanted)
    {
        SpeechModel model = scorer.Model;
        string[] labels = model.Facts.Labels?.Values ?? [];
        return (scorer, model.Ordinal) switch
        {
            (_, { } objective) => new([.. labels.Skip(1).Select(l => "≥ " + l)],
                x => Array.ConvertAll(objective.Above(x), LogOdds), isNumber: false, wanted),
            (SpeechClassificationTransformer, _) => new(labels, Classes, isNumber: false, wanted),
            (SpeechMultiLabelTransformer, _) => new(labels, x => x, isNumber: false, wanted),
            (SpeechBinaryTransformer, _) => new(["positive"], x => x, isNumber: false, wanted),
            _ => new(labels.Length > 1 ? labels : ["value"], x => x, isNumber: true, wanted),
        };
    }

    /// <summary>The scores of the targets.</summary>
    public double[] Scores(float[] outputs) => Scores(Array.ConvertAll(outputs, x => (double)x));

    /// <summary>The probability of a score; <see langword="null"/> of a regression.</summary>
    public double? Probability(double score) => _isNumber ? null : 1 / (1 + Math.Exp(-score));

    /// <summary>The scores of the targets.</summary>
    public double[] Scores(double[] outputs)
    {
        double[] all = _scores(outputs);
        return Array.ConvertAll(_chosen, i => all[i]);
    }

    /// <summary>How a target's score changes with each output.</summary>
    public float[] Slopes(float[] outputs, int target)
    {
        double[] at = Array.ConvertAll(outputs, x => (double)x);
        return Slopes(at, () => Scores(at)[target]);
    }

    /// <summary>How a score changes with each of some values, which it is made of.</summary>
    /// <param name="at">The values, which are changed for a moment.</param>
    /// <param name="score">The score of the values as they are.</param>
    public static float[] Slopes(double[] at, Func<double> score)
    {
        float[] slopes = new float[at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            double here = at[i];
            at[i] = here + Step;
            double above = score();
            at[i] = here - Step;
            slopes[i] = (float)((above - score()) / (2 * Step));
            at[i] = here;
        }
        return slopes;
    }

    /// <summary>Each class against all others: its logit less the logarithm of the sum of the others' powers.</summary>
    private static double[] Classes(double[] logits) =>
        [.. logits.Select((own, c) =>
        {
            double greatest = logits.Where((_, j) => j != c).Max();
            return own - greatest - Math.Log(logits.Where((_, j) => j != c).Sum(x => Math.Exp(x - greatest)));
        })];

    private static double LogOdds(double probability)
    {
        double share = Math.Clamp(probability, LeastShare, 1 - LeastShare);
        return Math.Log(share / (1 - share));
    }
}
