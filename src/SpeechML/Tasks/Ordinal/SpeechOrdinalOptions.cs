using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>How an ordinal trainer learns the order of classes.</summary>
public enum OrdinalLoss
{
    /// <summary>
    /// CORAL (Cao, Mirjalili, Raschka 2020): "is it above class k?" for every k, with the same weights and a bias of
    /// its own each.
    /// </summary>
    Coral,

    /// <summary>
    /// CORN (Shi, Cao, Raschka 2021): "is it above class k, given that it is above k - 1?" for every k, with weights of
    /// its own each.
    /// </summary>
    Corn,

    /// <summary>Squared earth mover's distance between the softmax and the class (Hou et al. 2016).</summary>
    EarthMovers,
}

/// <summary>Options of the ordinal speech classifier, whose classes have an order (absent, mild, ... severe).</summary>
public sealed class SpeechOrdinalOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of class probabilities. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>
    /// Name of the column of the predicted class: the median of the probabilities.
    /// <c>mlContext.Speech().Ordinal.Evaluate</c> evaluates it; ML.NET's multi-class evaluator goes by the greatest
    /// probability instead, which can be another class. The default is <c>PredictedLabel</c>.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>What is minimised. The default is <see cref="OrdinalLoss.Coral"/>.</summary>
    [Choice(new object[] { OrdinalLoss.Coral, OrdinalLoss.Corn, OrdinalLoss.EarthMovers }, OrdinalLoss.Coral)]
    public OrdinalLoss Loss { get; set; } = OrdinalLoss.Coral;

    internal override SpeechRunTask? LearnedTask => SpeechRunTask.Ordinal;

    internal override void Validate()
    {
        base.Validate();
        Check(!Head.PerTarget || Loss != OrdinalLoss.Coral, "Head.PerTarget",
            "false, because Loss is Coral and its levels share their weights", Head.PerTarget);
    }
}
