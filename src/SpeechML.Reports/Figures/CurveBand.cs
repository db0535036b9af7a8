using SpeechML.Audio.Common;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Reports.Figures;

/// <summary>
/// Where a curve lies in 95 % of the resamples of the subjects, place by place along the horizontal axis.
/// </summary>
/// <param name="X">Places from 0 to 1.</param>
/// <param name="Low">2.5 percentiles.</param>
/// <param name="High">97.5 percentiles.</param>
internal sealed record CurveBand(double[] X, double[] Low, double[] High)
{
    /// <summary>Resamples of the subjects.</summary>
    public const int Resamples = 300;

    private const int Places = 101;

    /// <summary>Resamples in which there is no curve, because a class is missing.</summary>
    public int Undefined { get; init; }

    /// <summary>
    /// Bands of the ROC and of the precision-recall curve; <see langword="null"/> where subjects are unknown or too few
    /// resamples have both classes.
    /// </summary>
    public static (CurveBand Roc, CurveBand Recall)? Of(string[] subjects, bool[] positive, double[] scores, int seed)
    {
        if (subjects.Contains("") || subjects.Distinct(StringComparer.Ordinal).Count() < 2)
        {
            return null;
        }
        var index = new SubjectIndex(subjects);
        var ranked = new RankedRows(positive, scores);
        var random = new SeededRandom((ulong)seed);
        List<double[]> rocs = [], recalls = [];
        int[] times = new int[index.Names.Count], rows = new int[subjects.Length];
        for (int d = 0; d < Resamples; d++)
        {
            Array.Clear(times);
            for (int k = 0; k < times.Length; k++)
            {
                times[random.Next(times.Length)]++;
            }
            index.Expand(times, rows);
            if (Points(ranked, rows) is { } points)
            {
                rocs.Add(TruePositiveRate(points));
                recalls.Add(Precision(points));
            }
        }
        return rocs.Count < Resamples / 2 ? null : (Percentiles(rocs), Percentiles(recalls));
    }

    /// <summary>False and true positives from each threshold up, thresholds falling.</summary>
    private static List<(double False, double True)>? Points(RankedRows ranked, int[] times)
    {
        List<(double False, double True)> points = [(0, 0)];
        double tp = 0, fp = 0;
        for (int i = ranked.Order.Length - 1; i >= 0; i--)
        {
            int n = times[ranked.Order[i]];
            tp += ranked.Positive[i] ? n : 0;
            fp += ranked.Positive[i] ? 0 : n;
            if ((i == 0 || ranked.LastOfTie[i - 1]) && (fp, tp) != points[^1])
            {
                points.Add((fp, tp));
            }
        }
        return tp == 0 || fp == 0 ? null : points;
    }

    private static double[] TruePositiveRate(List<(double False, double True)> points)
    {
        (double negatives, double positives) = points[^1];
        double[] rates = new double[Places];
        for (int k = 0, p = 0; k < Places; k++)
        {
            double wanted = negatives * k / (Places - 1);
            while (p + 1 < points.Count && points[p + 1].False <= wanted)
            {
                p++;
            }
            (double fromFalse, double fromTrue) = points[p];
            (double toFalse, double toTrue) = points[Math.Min(p + 1, points.Count - 1)];
            rates[k] = (toFalse > fromFalse
                ? fromTrue + ((toTrue - fromTrue) * (wanted - fromFalse) / (toFalse - fromFalse))
                : fromTrue) / positives;
        }
        return rates;
    }

    /// <summary>At the highest threshold whose recall is at least that of the place.</summary>
    private static double[] Precision(List<(double False, double True)> points)
    {
        double positives = points[^1].True;
        double[] precision = new double[Places];
        for (int k = 0, p = 1; k < Places; k++)
        {
            while (p + 1 < points.Count && points[p].True < positives * k / (Places - 1))
            {
                p++;
            }
            precision[k] = points[p].True / (points[p].True + points[p].False);
        }
        return precision;
    }

    private static CurveBand Percentiles(List<double[]> curves)
    {
        double[] x = new double[Places], low = new double[Places], high = new double[Places];
        for (int k = 0; k < Places; k++)
        {
            double[] sorted = [.. curves.Select(c => c[k]).Order()];
            x[k] = k / (double)(Places - 1);
            low[k] = ResampledStatistic.Percentile(sorted, 0.025).Value!.Value;
            high[k] = ResampledStatistic.Percentile(sorted, 0.975).Value!.Value;
        }
        return new CurveBand(x, low, high) { Undefined = Resamples - curves.Count };
    }
}
