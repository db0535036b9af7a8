namespace SpeechML.Sweeps.Space;

/// <summary>What values a parameter takes.</summary>
internal enum ParameterKind
{
    /// <summary>Real numbers of a range.</summary>
    Real,

    /// <summary>Whole numbers of a range, both ends included.</summary>
    Whole,

    /// <summary>Some values of any type; a point holds the number of one.</summary>
    Choice,

    /// <summary>As the option's search-space attribute says; settled when the space is made.</summary>
    AsDeclared,
}
