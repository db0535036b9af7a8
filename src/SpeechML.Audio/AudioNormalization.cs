namespace SpeechML;

/// <summary>How the level of a clip is changed.</summary>
public enum AudioNormalization
{
    /// <summary>Scaled so that the largest magnitude is 1; silence stays as it is.</summary>
    Peak,

    /// <summary>The mean of the samples is subtracted.</summary>
    Mean,
}
