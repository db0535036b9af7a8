namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>What follows from means, variances and the covariance of truth (y) and prediction (x).</summary>
internal static class MomentMetrics
{
    public static SpeechMetric R2 { get; } = Higher("r2", "R²", m =>
        m.Rows < 2 ? MetricValue.Because("fewer than two rows")
            : m.ConstantY ? MetricValue.Because("constant truth") : 1 - (m.Squares / m.YY));

    public static SpeechMetric Ccc { get; } = Higher("ccc", "Concordance", m =>
        (m.ConstantY && m.ConstantX && m.Squares == 0) || m.YY + m.XX + m.Apart == 0
            ? MetricValue.Because("truth and prediction are one and the same constant")
            : 2 * m.YX / (m.YY + m.XX + m.Apart));

    public static SpeechMetric Pearson { get; } = Higher("pearson", "Pearson", m =>
        m.Rows < 2 ? MetricValue.Because("fewer than two rows")
            : m.ConstantY ? MetricValue.Because("constant truth")
            : m.ConstantX ? MetricValue.Because("constant prediction")
            : Math.Clamp(m.YX / Math.Sqrt(m.YY) / Math.Sqrt(m.XX), -1, 1));

    private static SpeechMetric Higher(string name, string displayName, Func<Moments, MetricValue> metric) => new(
        name, displayName, MetricDirection.HigherIsBetter, [SpeechTask.Regression],
        clips =>
        {
            double[] y = [.. clips.Truth], x = [.. clips.Predicted];
            return weights => Moments.Of(y, x, weights) is { Rows: > 0 } moments ? metric(moments)
                : MetricValue.Because("no labels");
        });

    /// <summary>Sums of products of the deviations; <c>Apart</c> is the squared distance of the means, times rows.
    /// </summary>
    private readonly record struct Moments(
        double Rows, double YY, double XX, double YX, double Squares, double Apart, bool ConstantY, bool ConstantX)
    {
        public static Moments Of(double[] y, double[] x, ReadOnlySpan<int> weights)
        {
            double rows = 0, sumY = 0, sumX = 0, squares = 0;
            int first = -1;
            bool constantY = true, constantX = true;
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] == 0)
                {
                    continue;
                }
                first = first < 0 ? i : first;
                constantY &= y[i] == y[first];
                constantX &= x[i] == x[first];
                rows += weights[i];
                sumY += weights[i] * y[i];
                sumX += weights[i] * x[i];
                squares += weights[i] * (y[i] - x[i]) * (y[i] - x[i]);
            }
            double meanY = sumY / rows, meanX = sumX / rows, yy = 0, xx = 0, yx = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                double dy = y[i] - meanY, dx = x[i] - meanX;
                yy += weights[i] * dy * dy;
                xx += weights[i] * dx * dx;
                yx += weights[i] * dy * dx;
            }
            return new Moments(
                rows, yy, xx, yx, squares, rows * (meanY - meanX) * (meanY - meanX), constantY, constantX);
        }
    }
}
