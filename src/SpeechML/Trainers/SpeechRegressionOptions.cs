using static SpeechML.OptionChecks;

namespace SpeechML;

/// <summary>What the regression trainer minimises.</summary>
public enum RegressionLoss
{
    /// <summary>Mean squared error.</summary>
    MeanSquared,

    /// <summary>Huber's loss with delta 1: squared near 0, linear beyond.</summary>
    Huber,

    /// <summary>1 minus Lin's concordance correlation (1989) over the batch; wants batches of at least 8.</summary>
    Concordance,
}

/// <summary>Options of the speech regression trainer.</summary>
public sealed class SpeechRegressionOptions : SpeechTrainingOptions
{
    /// <summary>Name of the column of predicted numbers.</summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>What is minimised.</summary>
    public RegressionLoss Loss { get; set; } = RegressionLoss.MeanSquared;

    internal override void Validate()
    {
        base.Validate();
        Check(!string.IsNullOrWhiteSpace(ScoreColumnName), nameof(ScoreColumnName), "a column name", ScoreColumnName);
        CheckEnum(Loss, nameof(Loss));
        Check(
            EarlyStoppingMetric is EarlyStoppingMetric.None or EarlyStoppingMetric.Loss,
            nameof(EarlyStoppingMetric),
            $"{EarlyStoppingMetric.None} or {EarlyStoppingMetric.Loss}, because numbers have no accuracy",
            EarlyStoppingMetric);
        Check(Loss != RegressionLoss.Concordance || BatchSize >= 2, nameof(BatchSize), "at least 2, because Loss is Concordance", BatchSize);
    }
}
