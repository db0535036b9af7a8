namespace SpeechML;

/// <summary>The figure of the validation data that a sweep goes by.</summary>
public enum SweepMetric
{
    /// <summary>The loss; lower is better. Comparable only between trials that train on the same loss.</summary>
    Loss,

    /// <summary>Accuracy (several labels: their mean); higher is better. Not for regression.</summary>
    Accuracy,

    /// <summary>
    /// Mean recall of the classes (several labels: the mean over them); higher is better. Not for regression.
    /// </summary>
    BalancedAccuracy,

    /// <summary>
    /// Mean area under the ROC curve, over labels, or over classes each against the rest; higher is better. Not for
    /// regression.
    /// </summary>
    MacroRocAuc,
}
