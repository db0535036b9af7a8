namespace SpeechML;

/// <summary>
/// What is measured. In <c>evaluation.json</c> these are the names of the figures, with a small first letter.
/// </summary>
public enum SpeechMetric
{
    /// <summary>
    /// Area under the ROC curve; of classes: the mean of each against the others; of ordered classes: the mean over the
    /// thresholds between them.
    /// </summary>
    RocAuc,

    /// <summary>Average precision.</summary>
    AveragePrecision,

    /// <summary>Share of right decisions.</summary>
    Accuracy,

    /// <summary>Mean recall of the classes that occur.</summary>
    BalancedAccuracy,

    /// <summary>Share of positives among those decided positive; 0 where there are none.</summary>
    Precision,

    /// <summary>Share of the positives that are found (sensitivity); 0 where there are none.</summary>
    Recall,

    /// <summary>Share of the negatives that are found; undefined where there are none.</summary>
    Specificity,

    /// <summary>F1 of the positive class; of classes: their mean.</summary>
    F1,

    /// <summary>Matthews correlation coefficient.</summary>
    Mcc,

    /// <summary>Cohen's kappa.</summary>
    Kappa,

    /// <summary>Cohen's kappa, disagreement weighted by distance.</summary>
    KappaLinear,

    /// <summary>Cohen's kappa, disagreement weighted by squared distance.</summary>
    KappaQuadratic,

    /// <summary>Mean cross-entropy in nats; lower is better.</summary>
    LogLoss,

    /// <summary>Mean squared distance of probability and outcome; lower is better.</summary>
    Brier,

    /// <summary>Expected calibration error over 15 groups of equal width; lower is better.</summary>
    Ece,

    /// <summary>Mean absolute error, of ordered classes in classes; lower is better.</summary>
    Mae,

    /// <summary>The same per class of truth, averaged over the classes that occur.</summary>
    MacroMae,

    /// <summary>Share of clips at most one class off.</summary>
    WithinOne,

    /// <summary>Root of the mean squared error; lower is better.</summary>
    Rmse,

    /// <summary>Coefficient of determination.</summary>
    R2,

    /// <summary>Concordance correlation coefficient (Lin 1989).</summary>
    Ccc,

    /// <summary>Pearson's r.</summary>
    Pearson,

    /// <summary>Spearman's rank correlation.</summary>
    Spearman,

    /// <summary>Kendall's tau-b.</summary>
    Kendall,
}
