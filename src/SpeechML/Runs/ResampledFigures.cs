using SpeechML.Metrics;

namespace SpeechML.Runs;

/// <summary>Mean of a value per clip.</summary>
internal sealed class ResampledMean(double[] values) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double sum = 0, rows = 0;
        for (int i = 0; i < multiplicity.Length; i++)
        {
            sum += multiplicity[i] * values[i];
            rows += multiplicity[i];
        }
        return rows == 0 ? MetricValue.Because("no rows") : sum / rows;
    }
}

/// <summary>Mean recall over the classes that occur.</summary>
internal sealed class ResampledMeanRecall(int[] truth, double[] right, int classes) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double[] rows = new double[classes], hits = new double[classes];
        for (int i = 0; i < multiplicity.Length; i++)
        {
            rows[truth[i]] += multiplicity[i];
            hits[truth[i]] += multiplicity[i] * right[i];
        }
        double sum = 0;
        int occurring = 0;
        for (int c = 0; c < classes; c++)
        {
            if (rows[c] > 0)
            {
                sum += hits[c] / rows[c];
                occurring++;
            }
        }
        return occurring == 0 ? MetricValue.Because("no rows") : sum / occurring;
    }
}

/// <summary>Mean over labels. A resample in which one of them has no value is undefined: a mean over fewer labels would be another figure.</summary>
/// <param name="labels">The metric of each label that has a value on all clips, on the clips where it is rated.</param>
/// <param name="clips">The numbers of these clips.</param>
internal sealed class ResampledMacro(IResampledMetric[] labels, int[][] clips) : IResampledMetric
{
    public MetricValue Value(ReadOnlySpan<int> multiplicity)
    {
        double sum = 0;
        for (int j = 0; j < labels.Length; j++)
        {
            int[] rated = new int[clips[j].Length];
            for (int i = 0; i < rated.Length; i++)
            {
                rated[i] = multiplicity[clips[j][i]];
            }
            MetricValue label = labels[j].Value(rated);
            if (label.Value is not { } value)
            {
                return label;
            }
            sum += value;
        }
        return labels.Length == 0 ? MetricValue.Because("undefined for every label") : sum / labels.Length;
    }
}
