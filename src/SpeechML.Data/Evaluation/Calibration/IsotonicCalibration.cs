using SpeechML.Data.Evaluation.Metrics;

namespace SpeechML.Data.Evaluation.Calibration;

/// <summary>
/// Isotonic regression by pooling adjacent violators: equal scores are pooled first, linear between knots, constant
/// outside, within [0, 1].
/// </summary>
internal sealed class IsotonicCalibration
{
    private readonly double[] _scores;
    private readonly double[] _values;

    /// <summary>From its knots, as a model holds them.</summary>
    public IsotonicCalibration(double[] scores, double[] values)
    {
        _scores = scores;
        _values = values;
    }

    /// <summary>Scores of the knots, rising.</summary>
    public IReadOnlyList<double> Scores => _scores;

    /// <summary>Probabilities at the knots.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>The same function without the knots inside its steps.</summary>
    public IsotonicCalibration Simplify()
    {
        int[] needed = [.. Enumerable.Range(0, _values.Length)
            .Where(i => i == 0 || i + 1 == _values.Length || _values[i - 1] != _values[i]
            || _values[i + 1] != _values[i])];
        return new IsotonicCalibration(
            Array.ConvertAll(needed, i => _scores[i]), Array.ConvertAll(needed, i => _values[i]));
    }

    /// <summary>Fits it on validation data.</summary>
    public static IsotonicCalibration Fit(double[] scores, double[] truth)
    {
        MetricInput.CheckRows(truth.Length, scores.Length);
        (double Score, double Mean, double Count)[] knots =
            [.. scores.Zip(truth).GroupBy(p => p.First).OrderBy(g => g.Key)
                .Select(g => (g.Key, g.Average(p => p.Second), (double)g.Count()))];
        var blocks = new List<(double Sum, double Weight, int Knots)>(knots.Length);
        foreach ((_, double mean, double count) in knots)
        {
            (double Sum, double Weight, int Knots) block = (mean * count, count, 1);
            while (blocks.Count > 0 && blocks[^1].Sum / blocks[^1].Weight >= block.Sum / block.Weight)
            {
                block = (block.Sum + blocks[^1].Sum, block.Weight + blocks[^1].Weight, block.Knots + blocks[^1].Knots);
                blocks.RemoveAt(blocks.Count - 1);
            }
            blocks.Add(block);
        }
        return new IsotonicCalibration(
            [.. knots.Select(k => k.Score)],
            [.. blocks.SelectMany(b => Enumerable.Repeat(Math.Clamp(b.Sum / b.Weight, 0, 1), b.Knots))]);
    }

    /// <summary>The calibrated probability.</summary>
    public double Apply(double score)
    {
        int index = Array.BinarySearch(_scores, score);
        if (index >= 0)
        {
            return _values[index];
        }
        int right = ~index;
        if (right == 0 || right == _scores.Length)
        {
            return right == 0 ? _values[0] : _values[^1];
        }
        double share = (score - _scores[right - 1]) / (_scores[right] - _scores[right - 1]);
        return _values[right - 1] + (share * (_values[right] - _values[right - 1]));
    }
}
