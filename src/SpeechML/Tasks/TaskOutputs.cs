namespace SpeechML.Tasks;

/// <summary>How many scores a clip has.</summary>
internal enum TaskOutputs
{
    /// <summary>One.</summary>
    One,

    /// <summary>One per label or class.</summary>
    Many,
}
