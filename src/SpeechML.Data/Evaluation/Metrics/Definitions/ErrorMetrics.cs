namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>How far predicted numbers, or numbers of ordered classes, are off.</summary>
internal static class ErrorMetrics
{
    public static SpeechMetric Mae { get; } = new(
        "mae", "Mean absolute error", MetricDirection.LowerIsBetter, [SpeechTask.Ordinal, SpeechTask.Regression],
        clips => WeightedMean.Of(Errors(clips)));

    public static SpeechMetric MacroMae { get; } = new(
        "macroMae", "Mean absolute error, mean over classes", MetricDirection.LowerIsBetter, [SpeechTask.Ordinal],
        clips =>
        {
            double[] errors = Errors(clips);
            return weights =>
            {
                double[] sums = new double[clips.ClassCount], rows = new double[clips.ClassCount];
                for (int i = 0; i < errors.Length; i++)
                {
                    sums[clips.Classes[i]] += weights[i] * errors[i];
                    rows[clips.Classes[i]] += weights[i];
                }
                return rows.Sum() == 0 ? MetricValue.Because("no labels")
                    : sums.Zip(rows).Where(c => c.Second > 0).Average(c => c.First / c.Second);
            };
        });

    public static SpeechMetric WithinOne { get; } = new(
        "withinOne", "At most one class off", MetricDirection.HigherIsBetter, [SpeechTask.Ordinal],
        clips => WeightedMean.Of(Array.ConvertAll(Errors(clips), e => e <= 1 ? 1.0 : 0.0)));

    public static SpeechMetric Rmse { get; } = new(
        "rmse", "Root mean squared error", MetricDirection.LowerIsBetter, [SpeechTask.Regression],
        clips =>
        {
            WeightedMetric squares = WeightedMean.Of(Array.ConvertAll(Errors(clips), e => e * e));
            return weights => squares(weights) is { Value: { } mean } ? Math.Sqrt(mean)
                : MetricValue.Because("no labels");
        });

    private static double[] Errors(EvaluatedClips clips) =>
        [.. clips.Truth.Zip(clips.Predicted, (t, p) => Math.Abs(t - p))];
}
