namespace SpeechML;

/// <summary>How the predictions of one subject's clips become one.</summary>
public enum SubjectCombination
{
    /// <summary>The mean of the probabilities.</summary>
    Mean,

    /// <summary>Their median; of class probabilities scaled to sum 1 again.</summary>
    Median,

    /// <summary>The share of clips that decide so.</summary>
    Vote,
}
