namespace SpeechML;

/// <summary>Which clips an epoch has.</summary>
public enum ClipSampling
{
    /// <summary>All, once, in another order each time.</summary>
    Shuffled,

    /// <summary>
    /// As many as there are, each class (of several labels each side of each label) as often as the others: a clip is
    /// drawn by the mean of 1 / clips of its classes.
    /// </summary>
    BalancedByLabel,

    /// <summary>As many as there are, each subject as often as the others.</summary>
    BalancedBySubject,
}
