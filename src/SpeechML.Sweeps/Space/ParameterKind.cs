namespace SpeechML;

/// <summary>What values a parameter takes.</summary>
public enum ParameterKind
{
    /// <summary>Real numbers of a range.</summary>
    Real,

    /// <summary>Whole numbers of a range, both ends included.</summary>
    Whole,

    /// <summary>Some values of any type; a point holds the index of one.</summary>
    Choice,

    /// <summary>As the option's search-space attribute says; replaced by another kind when the space is
    /// made, so that tuners never see it.</summary>
    AsDeclared,
}
