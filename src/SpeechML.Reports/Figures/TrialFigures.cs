namespace SpeechML.Reports.Figures;

/// <summary>Figures of a trial, as means over its runs.</summary>
internal static class TrialFigures
{
    /// <summary>The metric by epoch, as far as all its runs that were begun have come.</summary>
    public static double[] Curve(SweepTrial trial, SpeechMetric metric)
    {
        SweepRun[] begun = [.. trial.Runs.Where(r => r.Curve.Count > 0)];
        int epochs = begun.Length == 0 ? 0 : begun.Min(r => r.Curve.Count);
        double[] values = [.. Enumerable.Range(0, epochs)
            .Select(e => begun.Average(r => ValueOf(r.Curve[e].Validation, metric)))];
        return Array.Exists(values, double.IsNaN) ? [] : values;
    }

    /// <summary>
    /// A metric of the validation data in the epoch whose weights the model has; <see langword="null"/> where a run has
    /// none.
    /// </summary>
    public static double? Of(SweepTrial trial, SpeechMetric metric, SpeechMetric figure)
    {
        double?[] values = [.. trial.Runs.Where(r => r.Curve.Count > 0)
            .Select(r => Epoch(r, metric).Validation[figure].Value)];
        return values.Length == 0 || Array.Exists(values, v => v is null) ? null : values.Average();
    }

    /// <summary>The metrics that the trials of a study have: first the one that they are compared by.</summary>
    public static SpeechMetric[] MetricsOf(SweepStudy study) =>
        [.. SpeechMetrics.All.Prepend(study.Metric).Distinct()
            .Where(m => study.Trials.Any(t => Of(t, study.Metric, m) is not null))];

    private static SweepEpoch Epoch(SweepRun run, SpeechMetric metric)
    {
        // Where the best weights are not kept, the run's value is that of its last epoch.
        SweepEpoch last = run.Curve[^1], best = run.Curve[(last.BestEpoch ?? last.Epoch) - 1];
        return run.Value is { } value && ValueOf(best.Validation, metric) != value ? last : best;
    }

    private static double ValueOf(ValidationMetrics figures, SpeechMetric metric) =>
        figures[metric].Value ?? double.NaN;
}
