using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>AdamW and the gradient that it is given.</summary>
public sealed record OptimizerOptions
{
    /// <summary>
    /// Decoupled weight decay (Loshchilov and Hutter, 2019), on every trained parameter. The default is 0.01.
    /// </summary>
    [Range(1e-4, 0.3, 0.01, true)]
    [InRange("0 or more", Min = 0)]
    [FormerName("WeightDecay")]
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>Decay of the gradient's mean, in [0, 1). The default is 0.9.</summary>
    [InRange("a number from 0 to below 1", Min = 0, Below = 1)]
    [FormerName("AdamBeta1")]
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of the squared gradient's mean, in [0, 1). The default is 0.999.</summary>
    [InRange("a number from 0 to below 1", Min = 0, Below = 1)]
    [FormerName("AdamBeta2")]
    public double Beta2 { get; set; } = 0.999;

    /// <summary>Added to the root of the squared gradient's mean. The default is 1e-8.</summary>
    [InRange("a number above 0", Above = 0)]
    [FormerName("AdamEpsilon")]
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>
    /// Layer-wise decay (ELECTRA, Clark et al. 2020): the highest transformer layer in use trains at
    /// <see cref="SpeechTrainingOptions.EncoderLearningRate"/>, each layer below it at this share of the rate of
    /// the one above, what is below the layers at that of layer 0 once more. 1, the default, for none.
    /// </summary>
    [Range(0.6, 1.0, 1.0)]
    [InRange("a share above 0, at most 1 (none)", Above = 0, Max = 1)]
    [FormerName("LayerDecay")]
    public double LayerDecay { get; set; } = 1;

    /// <summary>
    /// Greatest total norm of the gradient; larger ones are scaled down to it. 0 turns clipping off. The default is 1.
    /// </summary>
    [InRange("0 (off) or a norm above 0", Min = 0)]
    [FormerName("GradientClipNorm")]
    public double ClipNorm { get; set; } = 1;

    /// <summary>
    /// Batches per optimizer step; the loss of a step is the mean over all its clips, and a smaller last group counts
    /// by its own size. The default is 1.
    /// </summary>
    [InRange("at least 1", Min = 1)]
    [FormerName("AccumulationSteps")]
    public int AccumulationSteps { get; set; } = 1;
}
