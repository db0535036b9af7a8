using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>How the learning rates move over a training, from 0 to their peak and down again.</summary>
public sealed record ScheduleOptions
{
    /// <summary>How the rates move after the warm-up. The default is half a cosine.</summary>
    [Choice(new object[] { LearningRateDecay.Constant, LearningRateDecay.Linear, LearningRateDecay.Cosine },
        LearningRateDecay.Cosine)]
    [FormerName("Schedule")]
    public LearningRateDecay Decay { get; set; } = LearningRateDecay.Cosine;

    /// <summary>How the head's rate moves, where that is different. The default is as the encoder's.</summary>
    [FormerName("HeadSchedule")]
    public LearningRateDecay HeadDecay { get; set; } = LearningRateDecay.AsEncoder;

    /// <summary>
    /// Share of the optimizer steps over which the rates rise linearly from 0, in [0, 1). The default is 0.1.
    /// </summary>
    [Range(0.0, 0.3, 0.1)]
    [InRange("a share from 0 to below 1", Min = 0, Below = 1)]
    [FormerName("WarmupRatio")]
    public double WarmupRatio { get; set; } = 0.1;

    /// <summary>
    /// With <see cref="LearningRateDecay.Exponential"/>: the rates at the end as a share of the peak, above 0 and at
    /// most 1. The default is 0.01.
    /// </summary>
    [InRange("a share above 0, at most 1", Above = 0, Max = 1)]
    [FormerName("EndLearningRateFactor")]
    public double EndFactor { get; set; } = 0.01;

    /// <summary>
    /// With <see cref="LearningRateDecay.Exponential"/>: the factor of every step (with <see cref="PerEpoch"/>: of
    /// every epoch) instead of <see cref="EndFactor"/>, above 0 and at most 1; 0, the default, for none.
    /// </summary>
    [InRange("0 (none) or a factor above 0, at most 1", Min = 0, Max = 1)]
    [FormerName("ExponentialGamma")]
    public double Gamma { get; set; }

    /// <summary>
    /// With <see cref="LearningRateDecay.Plateau"/>: what the rates are multiplied by, above 0 and below 1. The
    /// default is 0.1.
    /// </summary>
    [InRange("a factor above 0 and below 1", Above = 0, Below = 1)]
    [FormerName("PlateauFactor")]
    public double PlateauFactor { get; set; } = 0.1;

    /// <summary>
    /// With <see cref="LearningRateDecay.Plateau"/>: epochs without improvement that are let pass. The default is 2.
    /// </summary>
    [InRange("0 epochs or more", Min = 0)]
    [FormerName("PlateauPatience")]
    public int PlateauPatience { get; set; } = 2;

    /// <summary>
    /// After the warm-up the rates change between epochs only: every step of an epoch uses the rate of its first one.
    /// The default is <see langword="false"/>.
    /// </summary>
    [FormerName("UpdateRatesPerEpoch")]
    public bool PerEpoch { get; set; }

    /// <summary>Whether a rate waits for a figure of the validation data.</summary>
    internal bool UsesPlateau => Decay == LearningRateDecay.Plateau || HeadDecay == LearningRateDecay.Plateau;

    /// <summary>Throws for options that contradict each other.</summary>
    internal void Validate()
    {
        Check(Decay != LearningRateDecay.AsEncoder, "Schedule.Decay",
            $"anything but {nameof(LearningRateDecay.AsEncoder)}, which is for Schedule.HeadDecay", Decay);
        Check(
            Gamma == 0 || Decay == LearningRateDecay.Exponential || HeadDecay == LearningRateDecay.Exponential,
            "Schedule.Gamma",
            $"0, because neither Schedule.Decay nor Schedule.HeadDecay is {nameof(LearningRateDecay.Exponential)}",
            Gamma);
    }
}
