namespace SpeechML.Training.Optimization;

/// <summary>What a <see cref="PlateauSchedule"/> remembers; a resumed run starts from it.</summary>
internal sealed record PlateauState(double Rate, double Best, int BadReports, int Cooldown);

/// <summary>
/// PyTorch's <c>ReduceLROnPlateau</c>: the rate is multiplied by a factor when a metric has not improved for more than
/// <c>patience</c> reports.
/// </summary>
internal sealed class PlateauSchedule
{
    private readonly double _factor;
    private readonly int _patience;
    private readonly bool _lowerIsBetter;
    private readonly double _threshold;
    private readonly bool _relativeThreshold;
    private readonly int _cooldown;
    private readonly double _minimum;
    private readonly double _smallestChange;

    /// <summary>Creates the schedule.</summary>
    /// <param name="rate">The rate to start with.</param>
    /// <param name="factor">What the rate is multiplied by.</param>
    /// <param name="patience">Reports without improvement that are let pass.</param>
    /// <param name="lowerIsBetter">Whether the metric is a loss.</param>
    /// <param name="threshold">By how much a value must be better.</param>
    /// <param name="relativeThreshold">Whether that is a share of the best value.</param>
    /// <param name="cooldown">Reports after a reduction in which nothing is counted.</param>
    /// <param name="minimum">The lowest rate.</param>
    /// <param name="smallestChange">Smaller reductions are not made.</param>
    public PlateauSchedule(
        double rate, double factor = 0.1, int patience = 10, bool lowerIsBetter = true, double threshold = 1e-4,
        bool relativeThreshold = true,
        int cooldown = 0, double minimum = 0, double smallestChange = 1e-8)
    {
        _factor = factor;
        _patience = patience;
        _lowerIsBetter = lowerIsBetter;
        _threshold = threshold;
        _relativeThreshold = relativeThreshold;
        _cooldown = cooldown;
        _minimum = minimum;
        _smallestChange = smallestChange;
        State = new PlateauState(rate, lowerIsBetter ? double.PositiveInfinity : double.NegativeInfinity, 0, 0);
    }

    /// <summary>The rate to use now.</summary>
    public double Rate => State.Rate;

    /// <summary>What it remembers.</summary>
    public PlateauState State { get; set; }

    /// <summary>Takes a metric; a NaN never improves.</summary>
    public void Report(double metric)
    {
        (double rate, double best, int bad, int cooldown) = (State.Rate, State.Best, State.BadReports, State.Cooldown);
        if (IsBetter(metric, best))
        {
            (best, bad) = (metric, 0);
        }
        else
        {
            bad++;
        }
        if (cooldown > 0)
        {
            cooldown--;
            bad = 0;
        }
        if (bad > _patience)
        {
            double reduced = Math.Max(rate * _factor, _minimum);
            rate = rate - reduced > _smallestChange ? reduced : rate;
            (cooldown, bad) = (_cooldown, 0);
        }
        State = new PlateauState(rate, best, bad, cooldown);
    }

    private bool IsBetter(double value, double best) => _lowerIsBetter
        ? value < (_relativeThreshold ? best * (1 - _threshold) : best - _threshold)
        : value > (_relativeThreshold ? best * (1 + _threshold) : best + _threshold);
}
