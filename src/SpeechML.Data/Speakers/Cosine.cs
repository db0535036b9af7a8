namespace SpeechML.Data.Speakers;

/// <summary>How alike two embeddings are.</summary>
internal static class Cosine
{
    /// <summary>The cosine of the angle between vectors, from -1 to 1; NaN where one has no length.</summary>
    public static double Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        double product = 0, one = 0, two = 0;
        for (int i = 0; i < first.Length; i++)
        {
            product += (double)first[i] * second[i];
            one += (double)first[i] * first[i];
            two += (double)second[i] * second[i];
        }
        return Math.Clamp(product / Math.Sqrt(one * two), -1, 1);
    }

    /// <summary>The vector scaled to a length of 1, in double; of one without a length, itself.</summary>
    public static double[] Unit(ReadOnlySpan<float> vector)
    {
        double[] values = new double[vector.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = vector[i];
        }
        return Unit(values);
    }

    /// <inheritdoc cref="Unit(ReadOnlySpan{float})"/>
    public static double[] Unit(double[] vector)
    {
        double length = Math.Sqrt(vector.Sum(v => v * v));
        return length == 0 ? vector : Array.ConvertAll(vector, v => v / length);
    }

    /// <summary>The sum of products.</summary>
    public static double Dot(double[] first, double[] second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
        {
            sum += first[i] * second[i];
        }
        return sum;
    }
}
