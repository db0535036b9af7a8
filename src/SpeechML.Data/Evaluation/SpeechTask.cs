namespace SpeechML;

/// <summary>What a model learns. Metrics, run folders and configuration files name it so.</summary>
public enum SpeechTask
{
    /// <summary>Several labels, each present or not; the label is a vector.</summary>
    MultiLabel,

    /// <summary>One of several classes; the label is a key. Called <c>Classification</c> in older files.</summary>
    Multiclass,

    /// <summary>One of several classes that have an order; the label is a key whose values are in that order.</summary>
    Ordinal,

    /// <summary>Yes or no; the label is Boolean.</summary>
    Binary,

    /// <summary>A number.</summary>
    Regression,
}
