using System.Globalization;
using System.Text;

namespace SpeechML;

/// <summary>How even a split is.</summary>
/// <param name="Shares">Share of all clips in each part.</param>
/// <param name="Deviations">
/// Per stratum, in each non-empty part: |share of positives among the part's known clips - share among all|; 1 where
/// the part knows nothing.
/// </param>
public sealed record SplitBalance(IReadOnlyList<double> Shares, IReadOnlyDictionary<string, double[]> Deviations)
{
    /// <summary>Mean over strata and parts.</summary>
    public double MeanDeviation => Deviations.Count == 0 ? 0 : Deviations.Values.SelectMany(v => v).Average();

    /// <summary>Largest over strata and parts.</summary>
    public double MaxDeviation => Deviations.Count == 0 ? 0 : Deviations.Values.Max(v => v.Max());

    /// <summary>Measures any assignment.</summary>
    /// <param name="parts">The part number of each clip.</param>
    /// <param name="partCount">How many parts there are; empty ones are left out of the deviations.</param>
    /// <param name="strata">What to look at.</param>
    public static SplitBalance Measure(IReadOnlyList<int> parts, int partCount, IReadOnlyList<SplitStratum> strata)
    {
        double[] clips = new double[partCount];
        foreach (int part in parts)
        {
            clips[part]++;
        }
        int[] filled = [.. Enumerable.Range(0, partCount).Where(s => clips[s] > 0)];
        var deviations = new Dictionary<string, double[]>();
        foreach (SplitStratum stratum in strata)
        {
            double[] known = new double[partCount], positive = new double[partCount];
            for (int i = 0; i < parts.Count; i++)
            {
                known[parts[i]] += stratum.Values[i] >= 0 ? 1 : 0;
                positive[parts[i]] += stratum.Values[i] == 1 ? 1 : 0;
            }
            double share = positive.Sum() / Math.Max(1, known.Sum());
            deviations[stratum.Name] =
                [.. filled.Select(s => known[s] == 0 ? 1 : Math.Abs((positive[s] / known[s]) - share))];
        }
        return new SplitBalance([.. clips.Select(c => c / Math.Max(1, parts.Count))], deviations);
    }

    /// <summary>Shares, mean and largest deviation, and the stratum that deviates most.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("clips ")
            .AppendJoin(" / ", Shares.Select(s => s.ToString("P1", CultureInfo.InvariantCulture)));
        if (Deviations.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"; deviation {MeanDeviation:F4} on average, {MaxDeviation:F4} at most " +
                $"({Deviations.MaxBy(d => d.Value.Max()).Key})");
        }
        return text.ToString();
    }
}
