using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.Interop;

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
    /// <summary>Number of resamples. The default is 2000.</summary>
    [InRange("1 or more", Min = 1)]
    public int Resamples { get; set; } = 2000;

    /// <summary>The share of such intervals that hold the true value. The default is 0.95.</summary>
    [InRange("a number between 0 and 1", Above = 0, Below = 1)]
    public double Confidence { get; set; } = 0.95;

    /// <summary>How the interval is made from the resamples. The default is <see cref="IntervalMethod.Bca"/>.</summary>
    public IntervalMethod Method { get; set; } = IntervalMethod.Bca;

    /// <summary>
    /// Seed of the draws; the result does not depend on the number of threads. <see langword="null"/>, the default, for
    /// that of the <c>MLContext</c>, or 0 where it has none.
    /// </summary>
    [InRange("any whole number")]
    public int? Seed { get; set; }

    /// <summary>The seed, where no context gives one or has given it already.</summary>
    internal int SeedInUse => Seed ?? ContextSeed.Default;

    /// <summary>What ends the resampling.</summary>
    internal Cancellation Cancellation { get; private set; }

    /// <summary>A copy with the seed in use, which ends when the context or the token is cancelled.</summary>
    internal SubjectBootstrapOptions SeededBy(IHostEnvironment env, CancellationToken token)
    {
        var copy = (SubjectBootstrapOptions)MemberwiseClone();
        copy.Cancellation = Cancellation.Of(env, token);
        copy.Seed = ContextSeed.Of(env, Seed);
        return copy;
    }

    /// <summary>A copy that ends when the token is cancelled too.</summary>
    internal SubjectBootstrapOptions CancelledBy(CancellationToken token) =>
        CancelledBy(token.CanBeCanceled ? Cancellation with { Token = token } : Cancellation);

    /// <summary>A copy.</summary>
    internal SubjectBootstrapOptions CancelledBy(Cancellation cancellation)
    {
        var copy = (SubjectBootstrapOptions)MemberwiseClone();
        copy.Cancellation = cancellation;
        return copy;
    }

    internal void Validate() => OptionModel.Of(typeof(SubjectBootstrapOptions)).Validate(this);
}
