namespace SpeechML;

/// <summary>What a length of audio is given in.</summary>
public enum AudioUnit
{
    /// <summary>A share of the clip's length.</summary>
    Fraction,

    /// <summary>A number of samples.</summary>
    Samples,

    /// <summary>Seconds.</summary>
    Seconds,
}
