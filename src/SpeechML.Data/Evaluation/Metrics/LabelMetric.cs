namespace SpeechML;

/// <summary>A metric of one label, present or not.</summary>
public enum LabelMetric
{
    /// <summary>Area under the ROC curve.</summary>
    RocAuc,

    /// <summary>Average precision.</summary>
    AveragePrecision,

    /// <summary>Share of right decisions.</summary>
    Accuracy,

    /// <summary>Mean recall of the classes that occur.</summary>
    BalancedAccuracy,

    /// <summary>F1 of the positive class.</summary>
    F1,

    /// <summary>Recall of the positive class.</summary>
    Sensitivity,

    /// <summary>Recall of the negative class.</summary>
    Specificity,

    /// <summary>Mean squared distance of probability and outcome; lower is better.</summary>
    Brier,

    /// <summary>Expected calibration error over 15 groups of equal width; lower is better.</summary>
    Ece,
}
