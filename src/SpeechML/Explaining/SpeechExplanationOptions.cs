using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What <c>mlContext.Speech().Explain</c> computes.</summary>
public sealed record SpeechExplanationOptions
{
    /// <summary>
    /// Whether the clip is scored again without each of its segments. The default is <see langword="true"/>.
    /// </summary>
    public bool TimeOcclusion { get; set; } = true;

    /// <summary>Length of a segment that is left out, in seconds. The default is 0.3.</summary>
    [InRange("more than 0 s", Above = 0)]
    public double WindowSeconds { get; set; } = 0.3;

    /// <summary>
    /// Time from one segment to the next, in seconds, at most <see cref="WindowSeconds"/>. The default is 0.15.
    /// </summary>
    [InRange("more than 0 s", Above = 0)]
    public double HopSeconds { get; set; } = 0.15;

    /// <summary>
    /// Segments at most: for a longer clip, window and hop grow in proportion. The default is 200.
    /// </summary>
    [InRange("at least 1 segment", Min = 1)]
    public int MaxSegments { get; set; } = 200;

    /// <summary>
    /// What stands in place of a segment. The default is <see cref="OcclusionReplacement.Silence"/>.
    /// </summary>
    public OcclusionReplacement Replacement { get; set; } = OcclusionReplacement.Silence;

    /// <summary>
    /// Whether the clip is scored again without each band of frequencies, filtered out of the whole clip. The default
    /// is <see langword="false"/>.
    /// </summary>
    public bool BandOcclusion { get; set; }

    /// <summary>
    /// Bands from 0 Hz to half the sample rate, equally wide on the mel scale. The default is 8.
    /// </summary>
    [InRange("2 to 40 bands", Min = 2, Max = 40)]
    public int Bands { get; set; } = 8;

    /// <summary>
    /// Whether the weights of frames are given, where the model pools by attention. The default is
    /// <see langword="true"/>.
    /// </summary>
    public bool Attention { get; set; } = true;

    /// <summary>
    /// Whether integrated gradients are computed: the cost is that of many scorings and as many backward passes for
    /// each target. The default is <see langword="false"/>.
    /// </summary>
    public bool IntegratedGradients { get; set; }

    /// <summary>Segments that integrated gradients are summed over, in seconds. The default is 0.05.</summary>
    [InRange("more than 0 s", Above = 0)]
    public double GradientSegmentSeconds { get; set; } = 0.05;

    /// <summary>
    /// How far the sum of integrated gradients may be from the difference of the scores, as a share of it; 0.001 is let
    /// pass. The path is divided until that is reached. The default is 0.02.
    /// </summary>
    [InRange("more than 0, at most 1", Above = 0, Max = 1)]
    public double CompletenessTolerance { get; set; } = 0.02;

    /// <summary>Points of the path of integrated gradients at most. The default is 256.</summary>
    [InRange("at least 8 points", Min = 8)]
    public int MaxGradientPoints { get; set; } = 256;

    /// <summary>
    /// Labels, classes or thresholds to explain (see <see cref="ExplainedTarget.Name"/>); empty, the default, for all.
    /// </summary>
    [IsText("a list of labels, classes or thresholds of the model")]
    public IReadOnlyList<string> Targets { get; set; } = [];

    /// <summary>Seed of <see cref="OcclusionReplacement.Noise"/>. The default is 0.</summary>
    [InRange("any whole number")]
    public int Seed { get; set; }

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        OptionModel.Of(typeof(SpeechExplanationOptions)).Validate(this);
        OptionChecks.Check(HopSeconds <= WindowSeconds, nameof(HopSeconds), FormattableString.Invariant(
            $"at most {nameof(WindowSeconds)}, {WindowSeconds} s, so that no part is left out of all segments"),
            HopSeconds);
        OptionChecks.Check(TimeOcclusion || BandOcclusion || Attention || IntegratedGradients, nameof(TimeOcclusion),
            $"true where {nameof(BandOcclusion)}, {nameof(Attention)} and {nameof(IntegratedGradients)} are false",
            TimeOcclusion);
    }
}
