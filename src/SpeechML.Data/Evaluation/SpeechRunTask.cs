namespace SpeechML;

/// <summary>What a model of a run learned.</summary>
public enum SpeechRunTask
{
    /// <summary>Several labels, each present or not.</summary>
    MultiLabel,

    /// <summary>One of several classes.</summary>
    Multiclass,

    /// <summary>One of several classes that have an order.</summary>
    Ordinal,

    /// <summary>Yes or no.</summary>
    Binary,

    /// <summary>A number.</summary>
    Regression,
}
