namespace SpeechML;

/// <summary>The side of a split a clip is on.</summary>
public enum SplitPart
{
    /// <summary>For fitting.</summary>
    Train,

    /// <summary>For choosing epochs, thresholds and options.</summary>
    Validation,

    /// <summary>For the final result only.</summary>
    Test,
}
