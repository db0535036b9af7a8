namespace SpeechML;

/// <summary>A way to say which part of a clip mattered.</summary>
public enum ExplanationMethod
{
    /// <summary>
    /// The score less the score without the segment (Zeiler and Fergus 2014, "Visualizing and understanding
    /// convolutional networks", section 4.2).
    /// </summary>
    TimeOcclusion,

    /// <summary>The score less the score without the frequencies of the band.</summary>
    BandOcclusion,

    /// <summary>The share of the frame in the pooled vector, of models that pool by attention.</summary>
    Attention,

    /// <summary>
    /// Integrated gradients (Sundararajan, Taly, Yan 2017, "Axiomatic attribution for deep networks"): what each moment
    /// adds to the difference between the score of the clip and <see cref="ExplainedTarget.BaselineScore"/>.
    /// </summary>
    IntegratedGradients,

    /// <summary>
    /// The score less the score with an extra feature (<see cref="SpeechTrainingOptions.ExtraFeatures"/>) at its mean
    /// over the training clips: of each number by itself, and first of all of them together.
    /// </summary>
    ExtraFeatures,
}

/// <summary>What stands in place of an occluded segment.</summary>
public enum OcclusionReplacement
{
    /// <summary>Zeros.</summary>
    Silence,

    /// <summary>The mean of the clip's samples: differs from silence where a recording has a constant offset.</summary>
    Mean,

    /// <summary>White noise with the segment's own root mean square, so that the level stays.</summary>
    Noise,
}

/// <summary>How far the explanation of a clip is.</summary>
/// <param name="Done">Variants of the clip that were scored, and points of the path of integrated gradients.</param>
/// <param name="Total">All of them; where integrated gradients are wanted, at most so many.</param>
public readonly record struct SpeechExplanationProgress(int Done, int Total);
