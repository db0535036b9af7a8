using SpeechML.Data.Interop;

namespace SpeechML.Data.Evaluation.Calibration;

/// <summary>A label's calibration as it stands in a model: a function of its logit.</summary>
internal abstract record LabelCalibration
{
    /// <summary>The probability of a logit.</summary>
    public abstract double Apply(double score);

    /// <summary>
    /// Fits it on validation data; the plain sigmoid where the labels have one class only, with the reason.
    /// </summary>
    public static LabelCalibration Fit(
        CalibrationMethod method, bool[] positive, double[] scores, out string? kept,
        Cancellation cancellation = default)
    {
        cancellation.ThrowIfRequested();
        kept = positive.Length == 0 ? "no labels" : !positive.Contains(true) ? "no positives"
            : !positive.Contains(false) ? "no negatives" : null;
        if (kept is not null)
        {
            return new PlattCalibration(PlattScaling.Identity);
        }
        return method == CalibrationMethod.Platt
            ? new PlattCalibration(PlattScaling.Fit(
                scores, Array.ConvertAll(positive, p => p ? 1 : 0), cancellation))
            : new StepCalibration(IsotonicCalibration.Fit(scores, Array.ConvertAll(positive, p => p ? 1.0 : 0.0))
                .Simplify());
    }
}

internal sealed record PlattCalibration(PlattScaling Scaling) : LabelCalibration
{
    public override double Apply(double score) => Scaling.Apply(score);
}

internal sealed record StepCalibration(IsotonicCalibration Function) : LabelCalibration
{
    public override double Apply(double score) => Function.Apply(score);
}
