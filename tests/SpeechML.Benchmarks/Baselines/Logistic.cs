namespace SpeechML.Benchmarks.Baselines;

/// <summary>
/// Logistic regression as scikit-learn's pipeline of SimpleImputer, StandardScaler and LogisticRegression: Newton's steps
/// to the minimum of half the squared weights and C times the loss.
/// </summary>
internal static class Logistic
{
    private const int Steps = 50;

    /// <summary>A function that scores a row.</summary>
    public static Func<double[], double> Fit(double[][] rows, double[] labels, double strength)
    {
        int size = rows[0].Length;
        double[] means = new double[size], deviations = new double[size];
        for (int j = 0; j < size; j++)
        {
            double[] known = [.. rows.Select(r => r[j]).Where(v => !double.IsNaN(v))];
            double mean = known.Length == 0 ? 0 : known.Average();
            double deviation = Math.Sqrt(known.Sum(v => (v - mean) * (v - mean)) / rows.Length);
            (means[j], deviations[j]) = (mean, deviation > 0 ? deviation : 1);
        }
        // The last column is the intercept, which has no penalty.
        double[] Prepare(double[] row) =>
            [.. row.Select((v, j) => double.IsNaN(v) ? 0 : (v - means[j]) / deviations[j]), 1];
        double[][] x = [.. rows.Select(Prepare)];
        double[] weights = new double[size + 1];
        for (int step = 0; step < Steps; step++)
        {
            double[] gradient = new double[size + 1];
            double[,] curvature = new double[size + 1, size + 1];
            for (int j = 0; j < size; j++)
            {
                gradient[j] = weights[j];
                curvature[j, j] = 1;
            }
            for (int i = 0; i < x.Length; i++)
            {
                double probability = 1 / (1 + Math.Exp(-Dot(weights, x[i])));
                double slope = strength * (probability - labels[i]);
                double bend = strength * probability * (1 - probability);
                for (int j = 0; j <= size; j++)
                {
                    gradient[j] += slope * x[i][j];
                    for (int k = 0; k <= size; k++)
                    {
                        curvature[j, k] += bend * x[i][j] * x[i][k];
                    }
                }
            }
            double[] shift = Solve(curvature, gradient);
            for (int j = 0; j <= size; j++)
            {
                weights[j] -= shift[j];
            }
            if (shift.Max(Math.Abs) < 1e-9)
            {
                break;
            }
        }
        return row => Dot(weights, Prepare(row));
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    /// <summary>Elimination without exchange of rows: the curvature is positive definite.</summary>
    private static double[] Solve(double[,] matrix, double[] values)
    {
        int n = values.Length;
        double[] result = [.. values];
        for (int k = 0; k < n; k++)
        {
            for (int i = k + 1; i < n; i++)
            {
                double factor = matrix[i, k] / matrix[k, k];
                for (int j = k; j < n; j++)
                {
                    matrix[i, j] -= factor * matrix[k, j];
                }
                result[i] -= factor * result[k];
            }
        }
        for (int k = n - 1; k >= 0; k--)
        {
            for (int j = k + 1; j < n; j++)
            {
                result[k] -= matrix[k, j] * result[j];
            }
            result[k] /= matrix[k, k];
        }
        return result;
    }
}
