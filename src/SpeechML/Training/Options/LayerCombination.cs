namespace SpeechML;

/// <summary>How several hidden states become one before pooling.</summary>
public enum LayerCombination
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Side by side: the vector is as many times longer.</summary>
    Concatenate,

    /// <summary>
    /// Their sum, weighted by a softmax over one learned number per layer that starts at 0, that is, at the mean (the
    /// protocol of SUPERB, Yang et al. 2021).
    /// </summary>
    WeightedSum,
}
