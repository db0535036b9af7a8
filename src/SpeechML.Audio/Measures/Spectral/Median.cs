namespace SpeechML.Audio.Measures.Spectral;

/// <summary>Medians by Hoare's selection (C. A. R. Hoare 1961, "Algorithm 65: Find").</summary>
internal static class Median
{
    /// <summary>
    /// The median of values, of an even number the mean of the two in the middle. Their order changes.
    /// </summary>
    public static double Of(Span<double> values)
    {
        int middle = values.Length / 2;
        double upper = Select(values, middle);
        if (values.Length % 2 == 1)
        {
            return upper;
        }
        double lower = double.NegativeInfinity;
        foreach (double value in values[..middle])
        {
            lower = Math.Max(lower, value);
        }
        return (lower + upper) / 2;
    }

    /// <summary>The value that would stand at an index in order; smaller ones stand before it afterwards.</summary>
    private static double Select(Span<double> values, int index)
    {
        int low = 0, high = values.Length - 1;
        while (low < high)
        {
            double pivot = MiddleOf(values[low], values[(low + high) / 2], values[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i] < pivot)
                {
                    i++;
                }
                while (values[j] > pivot)
                {
                    j--;
                }
                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }
            if (index <= j)
            {
                high = j;
            }
            else if (index >= i)
            {
                low = i;
            }
            else
            {
                break;
            }
        }
        return values[index];
    }

    private static double MiddleOf(double a, double b, double c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
