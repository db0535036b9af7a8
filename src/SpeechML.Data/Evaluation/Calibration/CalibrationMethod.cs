namespace SpeechML;

/// <summary>How a label's score becomes a calibrated probability.</summary>
public enum CalibrationMethod
{
    /// <summary>
    /// A sigmoid of the score, shifted and scaled (Platt 1999; Lin, Lin, Weng 2007): two numbers, for small validation
    /// sets.
    /// </summary>
    Platt,

    /// <summary>Any rising function (isotonic regression): for validation sets of a thousand clips and more.</summary>
    Isotonic,
}
