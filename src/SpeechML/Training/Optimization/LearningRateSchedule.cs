namespace SpeechML.Training.Optimization;

/// <summary>
/// A learning rate as a function of the optimizer step alone, so that a resumed run needs no state of it. Warm-ups
/// start at rate 0, as in Hugging Face
/// transformers, whose formulas these are unless PyTorch is named.
/// </summary>
internal sealed class LearningRateSchedule
{
    private readonly Func<long, double> _rate;

    private LearningRateSchedule(Func<long, double> rate)
    {
        _rate = rate;
    }

    /// <summary>The rate that step <paramref name="step"/> uses; the first step is 0.</summary>
    public double RateAt(long step) => _rate(step);

    /// <summary>Always <paramref name="rate"/>, after a linear warm-up.</summary>
    public static LearningRateSchedule Constant(double rate, long warmUp = 0) => new(t => rate * WarmUp(t, warmUp));

    /// <summary>Linear warm-up, then linear to 0 at step <paramref name="total"/>.</summary>
    public static LearningRateSchedule Linear(double rate, long warmUp, long total) =>
        new(t => rate * (t < warmUp ? WarmUp(t, warmUp)
            : Math.Max(0, (total - t) / (double)Math.Max(1, total - warmUp))));

    /// <summary>Linear warm-up, then a cosine to 0 at step <paramref name="total"/>.</summary>
    /// <param name="rate">The rate after the warm-up.</param>
    /// <param name="warmUp">Steps of warm-up.</param>
    /// <param name="total">All steps.</param>
    /// <param name="cycles">Half a cycle falls once to 0.</param>
    /// <param name="holdEnd">Stay at the last value after <paramref name="total"/>; transformers' schedule rises again
    /// there.</param>
    public static LearningRateSchedule Cosine(
        double rate, long warmUp, long total, double cycles = 0.5, bool holdEnd = true) => new(t =>
    {
        if (t < warmUp)
        {
            return rate * WarmUp(t, warmUp);
        }
        double progress = Progress(t, warmUp, total);
        return rate * Math.Max(0,
            0.5 * (1 + Math.Cos(Math.PI * cycles * 2 * (holdEnd ? Math.Min(1, progress) : progress))));
    });

    /// <summary>
    /// Linear warm-up, then <paramref name="cycles"/> cosines to 0, each starting from the full rate; 0 from
    /// <paramref name="total"/> on.
    /// </summary>
    public static LearningRateSchedule CosineRestarts(double rate, long warmUp, long total, double cycles) => new(t =>
    {
        double progress = Progress(t, warmUp, total);
        return t < warmUp ? rate * WarmUp(t, warmUp) : progress >= 1 ? 0
            : rate * Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (cycles * progress % 1))));
    });

    /// <summary>Linear warm-up, then a power of the remaining share down to <paramref name="end"/>.</summary>
    public static LearningRateSchedule Polynomial(double rate, long warmUp, long total, double end, double power) =>
        new(t =>
        t < warmUp ? rate * WarmUp(t, warmUp) : t > total ? end
            : ((rate - end) * Math.Pow(1 - ((t - warmUp) / (double)(total - warmUp)), power)) + end);

    /// <summary>Linear warm-up, then falling with the inverse square root of the step.</summary>
    public static LearningRateSchedule InverseSquareRoot(double rate, long warmUp, long timescale) =>
        new(t => rate * (t < warmUp ? WarmUp(t, warmUp) : 1 / Math.Sqrt((t + timescale - warmUp) / (double)timescale)));

    /// <summary>
    /// PyTorch's <c>CosineAnnealingWarmRestarts</c>: cosines to <paramref name="minimum"/> over periods that grow by a
    /// factor.
    /// </summary>
    public static LearningRateSchedule CosineWarmRestarts(
        double rate, long firstPeriod, long periodFactor, double minimum) => new(t =>
    {
        long period = firstPeriod, start = 0;
        if (periodFactor == 1)
        {
            start = t / period * period;
        }
        else
        {
            while (t - start >= period)
            {
                start += period;
                period *= periodFactor;
            }
        }
        return minimum + ((rate - minimum) * (1 + Math.Cos(Math.PI * (t - start) / period)) / 2);
    });

    /// <summary>Times <paramref name="gamma"/> at every step.</summary>
    public static LearningRateSchedule Exponential(double rate, double gamma) => new(t => rate * Math.Pow(gamma, t));

    /// <summary>
    /// Exponential from <paramref name="rate"/> at step 0 to <paramref name="end"/> at step <paramref name="steps"/>:
    /// gamma = (end / rate)^(1 / steps).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A rate that is not above 0, or no steps.</exception>
    public static LearningRateSchedule ExponentialTo(double rate, double end, long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(end);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return Exponential(rate, Math.Pow(end / rate, 1.0 / steps));
    }

    /// <summary>Times <paramref name="gamma"/> every <paramref name="every"/> steps.</summary>
    public static LearningRateSchedule Step(double rate, long every, double gamma) =>
        new(t => rate * Math.Pow(gamma, t / every));

    /// <summary>
    /// PyTorch's <c>OneCycleLR</c>: up from <c>rate / divFactor</c>, down to <c>rate / divFactor / finalDivFactor</c>;
    /// held there after <paramref name="total"/>.
    /// </summary>
    /// <param name="rate">The highest rate.</param>
    /// <param name="total">All steps.</param>
    /// <param name="upShare">Share of the steps that goes up.</param>
    /// <param name="divFactor">The highest rate over the first.</param>
    /// <param name="finalDivFactor">The first rate over the last.</param>
    /// <param name="linear">Straight lines instead of cosines.</param>
    /// <param name="threePhases">Go down as long as up, to the first rate, before the last descent.</param>
    public static LearningRateSchedule OneCycle(
        double rate, long total, double upShare = 0.3, double divFactor = 25, double finalDivFactor = 1e4,
        bool linear = false, bool threePhases = false)
    {
        double first = rate / divFactor, last = first / finalDivFactor;
        (double End, double From, double To)[] phases = threePhases
            ? [((upShare * total) - 1, first, rate), ((2 * upShare * total) - 2, rate, first), (total - 1, first, last)]
            : [((upShare * total) - 1, first, rate), (total - 1, rate, last)];
        return new LearningRateSchedule(step =>
        {
            double t = Math.Min(step, total - 1), start = 0;
            int phase = 0;
            for (; phase < phases.Length - 1 && t > phases[phase].End; phase++)
            {
                start = phases[phase].End;
            }
            (double end, double from, double to) = phases[phase];
            double share = (t - start) / (end - start);
            return linear ? from + ((to - from) * share) : to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
        });
    }

    private static double WarmUp(long t, long warmUp) => t < warmUp ? t / (double)Math.Max(1, warmUp) : 1;

    private static double Progress(long t, long warmUp, long total) =>
        (t - warmUp) / (double)Math.Max(1, total - warmUp);
}
