using SpeechML.Training.Optimization;

namespace SpeechML.Training;

/// <summary>The learning rate of a group as a function of the step, from the options.</summary>
internal static class TrainingSchedule
{
    /// <param name="options">Warm-up, ends, factors.</param>
    /// <param name="decay">How the rate moves; a plateau counts as constant here, its factor comes from
    /// <see cref="PlateauSchedule"/>.</param>
    /// <param name="rate">The peak.</param>
    /// <param name="steps">Optimizer steps of the run.</param>
    /// <param name="stepsPerEpoch">Optimizer steps of an epoch.</param>
    public static Func<long, double> Create(
        SpeechTrainingOptions options, LearningRateDecay decay, double rate, long steps, int stepsPerEpoch)
    {
        long warmUp = (long)Math.Round(options.Schedule.WarmupRatio * steps);
        Func<long, double> rateAt = PerStep(options, decay, rate, warmUp, steps, stepsPerEpoch);
        return options.Schedule.PerEpoch
            ? step => rateAt(step < warmUp ? step : Math.Max(warmUp, step / stepsPerEpoch * stepsPerEpoch))
            : rateAt;
    }

    private static Func<long, double> PerStep(
        SpeechTrainingOptions options, LearningRateDecay decay, double rate, long warmUp, long steps, int stepsPerEpoch)
    {
        switch (decay)
        {
            case LearningRateDecay.Linear:
                return LearningRateSchedule.Linear(rate, warmUp, steps).RateAt;
            case LearningRateDecay.Cosine:
                return LearningRateSchedule.Cosine(rate, warmUp, steps).RateAt;
            case LearningRateDecay.Exponential:
                LearningRateSchedule up = LearningRateSchedule.Constant(rate, warmUp);
                LearningRateSchedule down = options.Schedule.Gamma > 0
                    ? LearningRateSchedule.Exponential(
                        rate, options.Schedule.PerEpoch ? Math.Pow(options.Schedule.Gamma, 1.0 / stepsPerEpoch)
                        : options.Schedule.Gamma)
                    : LearningRateSchedule.ExponentialTo(
                        rate, rate * options.Schedule.EndFactor, Math.Max(1, steps - warmUp));
                return step => step < warmUp ? up.RateAt(step) : down.RateAt(step - warmUp);
            default:
                return LearningRateSchedule.Constant(rate, warmUp).RateAt;
        }
    }
}
