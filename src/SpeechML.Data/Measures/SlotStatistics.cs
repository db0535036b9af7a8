namespace SpeechML.Data.Measures;

/// <summary>Mean and standard deviation of each slot of vectors; missing values (NaN) do not count.</summary>
internal sealed class SlotStatistics(int size)
{
    private readonly long[] _counts = new long[size];
    private readonly double[] _means = new double[size];
    private readonly double[] _squares = new double[size];

    /// <summary>Takes a vector (B. P. Welford 1962).</summary>
    public void Add(float[] values)
    {
        for (int j = 0; j < size; j++)
        {
            if (float.IsNaN(values[j]))
            {
                continue;
            }
            double before = values[j] - _means[j];
            _means[j] += before / ++_counts[j];
            _squares[j] += before * (values[j] - _means[j]);
        }
    }

    /// <summary>
    /// Each value less the mean over the deviation (n - 1); NaN where there are fewer than two values, 0 where all are
    /// the same.
    /// </summary>
    public float[] Normalize(float[] values)
    {
        float[] result = new float[size];
        for (int j = 0; j < size; j++)
        {
            double deviation = Math.Sqrt(_squares[j] / (_counts[j] - 1));
            result[j] = _counts[j] < 2 || float.IsNaN(values[j]) ? float.NaN
                : deviation > 0 ? (float)((values[j] - _means[j]) / deviation) : 0;
        }
        return result;
    }
}
