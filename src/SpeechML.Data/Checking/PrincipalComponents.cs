using SpeechML.Audio.Common;

namespace SpeechML.Data.Checking;

/// <summary>
/// The directions of the greatest variance, by power iteration on the rows themselves: neither the covariance of many
/// columns nor that of many rows is made. The greatest coordinate of a direction is positive, so that a result is the
/// same on every machine.
/// </summary>
internal static class PrincipalComponents
{
    private const int MaxIterations = 500;
    private const double Tolerance = 1e-10; // change of the direction's angle, as 1 - |cos|

    /// <summary>Projects rows on the first directions.</summary>
    /// <param name="rows">The rows, all of one length.</param>
    /// <param name="count">How many directions.</param>
    /// <returns>Coordinates by row, and the share of the variance along each direction.</returns>
    public static (double[][] Scores, double[] Explained) Of(IReadOnlyList<float[]> rows, int count)
    {
        int columns = rows.Count == 0 ? 0 : rows[0].Length;
        double[] mean = new double[columns];
        foreach (float[] row in rows)
        {
            for (int c = 0; c < columns; c++)
            {
                mean[c] += row[c] / (double)rows.Count;
            }
        }
        double[][] centred = [.. rows.Select(r => r.Select((v, c) => v - mean[c]).ToArray())];
        double total = centred.Sum(r => r.Sum(v => v * v));
        double[][] scores = [.. rows.Select(_ => new double[count])];
        double[] explained = new double[count];
        var random = new SeededRandom(0);
        for (int k = 0; k < count && total > 0; k++)
        {
            double[] direction = Direction(centred, columns, random);
            double along = 0;
            for (int i = 0; i < centred.Length; i++)
            {
                double score = Dot(centred[i], direction);
                scores[i][k] = score;
                along += score * score;
                // What is left is orthogonal to the direction.
                for (int c = 0; c < columns; c++)
                {
                    centred[i][c] -= score * direction[c];
                }
            }
            explained[k] = along / total;
        }
        return (scores, explained);
    }

    private static double[] Direction(double[][] rows, int columns, SeededRandom random)
    {
        double[] direction = new double[columns];
        for (int c = 0; c < columns; c++)
        {
            direction[c] = (2 * random.NextDouble()) - 1;
        }
        Normalize(direction);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            double[] next = new double[columns];
            foreach (double[] row in rows)
            {
                double score = Dot(row, direction);
                for (int c = 0; c < columns; c++)
                {
                    next[c] += score * row[c];
                }
            }
            if (!Normalize(next))
            {
                break; // no variance is left
            }
            bool settled = 1 - Math.Abs(Dot(next, direction)) < Tolerance;
            direction = next;
            if (settled)
            {
                break;
            }
        }
        if (direction.Length > 0 && direction.MaxBy(Math.Abs) < 0)
        {
            direction = Array.ConvertAll(direction, v => -v);
        }
        return direction;
    }

    private static bool Normalize(double[] vector)
    {
        double length = Math.Sqrt(Dot(vector, vector));
        for (int c = 0; c < vector.Length && length > 0; c++)
        {
            vector[c] /= length;
        }
        return length > 0;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int c = 0; c < a.Length; c++)
        {
            sum += a[c] * b[c];
        }
        return sum;
    }
}
