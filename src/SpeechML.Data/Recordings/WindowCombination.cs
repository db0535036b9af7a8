namespace SpeechML;

/// <summary>How the windows of a long clip become one result.</summary>
public enum WindowCombination
{
    /// <summary>The frames of all windows are pooled together, as those of a short clip are.</summary>
    Frames,

    /// <summary>
    /// Each window is pooled and scored by itself; probabilities (of a regression its numbers, of a featurizer the
    /// pooled vectors) are averaged, each window weighted by its frames.
    /// </summary>
    Probabilities,
}
