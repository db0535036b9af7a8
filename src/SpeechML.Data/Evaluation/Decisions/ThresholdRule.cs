namespace SpeechML;

/// <summary>How the probability from which a label counts as present is chosen.</summary>
public enum ThresholdRule
{
    /// <summary>0.5, whatever the data.</summary>
    Half,

    /// <summary>Where sensitivity + specificity is greatest (Youden 1950).</summary>
    YoudenJ,

    /// <summary>Where F1 is greatest.</summary>
    BestF1,

    /// <summary>
    /// The highest one whose sensitivity is at least the one asked for: the best specificity at that sensitivity.
    /// </summary>
    TargetSensitivity,
}
