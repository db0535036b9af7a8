using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>Options of the speech regression trainer.</summary>
public sealed class SpeechRegressionOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of predicted numbers. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>What is minimised: a name of <see cref="RegressionLoss"/>. The default is the mean squared error.
    /// </summary>
    [IsNameOf(typeof(RegressionLoss))]
    public string Loss { get; set => field = RegressionLoss.NameOf(value); } = RegressionLoss.MeanSquared;

    /// <summary>
    /// With <see cref="RegressionLoss.Huber"/>: the error at which the loss becomes linear. The default is 1.
    /// </summary>
    [Range(0.1, 10.0, 1.0, true)]
    [ActiveWhen(nameof(Loss), nameof(RegressionLoss.Huber))]
    [InRange("a number above 0", Above = 0)]
    public double HuberDelta { get; set; } = 1;

    internal override void Validate()
    {
        base.Validate();
        Check(Loss != RegressionLoss.Concordance || BatchSize >= 2, nameof(BatchSize),
            "at least 2, because Loss is Concordance", BatchSize);
    }
}
