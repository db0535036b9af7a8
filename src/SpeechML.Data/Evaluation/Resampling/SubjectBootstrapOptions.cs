using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>How an interval is made from resamples.</summary>
public enum IntervalMethod
{
    /// <summary>The middle share of the resamples.</summary>
    Percentile,

    /// <summary>Corrected for bias and skewness (Efron 1987, BCa), with a jackknife over subjects.</summary>
    Bca,
}

/// <summary>
/// Options of confidence intervals. Subjects are drawn with replacement, never clips: the clips of one person are
/// alike.
/// </summary>
public sealed class SubjectBootstrapOptions
{
    /// <summary>Number of resamples.</summary>
    public int Resamples { get; set; } = 2000;

    /// <summary>The share of such intervals that hold the true value.</summary>
    public double Confidence { get; set; } = 0.95;

    /// <summary>How the interval is made from the resamples.</summary>
    public IntervalMethod Method { get; set; } = IntervalMethod.Bca;

    /// <summary>Seed of the draws; the result does not depend on the number of threads.</summary>
    public int Seed { get; set; }

    internal void Validate()
    {
        Check(Resamples >= 1, nameof(Resamples), "1 or more", Resamples);
        Check(Confidence is > 0 and < 1, nameof(Confidence), "a number between 0 and 1", Confidence);
    }
}
