namespace SpeechML;

/// <summary>
/// A figure of the validation data that early stopping can watch. Which of them there are depends on the task.
/// </summary>
public enum EarlyStoppingMetric
{
    /// <summary>The run always takes all its epochs.</summary>
    None,

    /// <summary>The loss; lower is better.</summary>
    Loss,

    /// <summary>Accuracy (several labels: their mean); higher is better.</summary>
    Accuracy,

    /// <summary>Mean recall of the classes (several labels: the mean over them); higher is better.</summary>
    BalancedAccuracy,

    /// <summary>
    /// Mean area under the ROC curve, over labels, or over classes each against the rest; higher is better.
    /// </summary>
    MacroRocAuc,

    /// <summary>Mean F1, over labels or classes; higher is better.</summary>
    MacroF1,

    /// <summary>Mean average precision over labels; higher is better.</summary>
    AveragePrecision,

    /// <summary>Mean absolute error of numbers, or of class numbers that have an order; lower is better.</summary>
    MeanAbsoluteError,

    /// <summary>
    /// Spearman's rank correlation of numbers, or of class numbers that have an order; higher is better.
    /// </summary>
    Spearman,

    /// <summary>Coefficient of determination; higher is better.</summary>
    RSquared,

    /// <summary>Cohen's kappa with quadratic weights, of classes that have an order; higher is better.</summary>
    QuadraticKappa,
}
