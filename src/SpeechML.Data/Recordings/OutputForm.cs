namespace SpeechML.Data.Recordings;

/// <summary>What the outputs of a head say, by which those of several windows are averaged.</summary>
internal enum OutputForm
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Logits of one class out of several.</summary>
    Softmax,

    /// <summary>A logit for each label or level.</summary>
    Sigmoid,

    /// <summary>Logits of each level given the one below (CORN).</summary>
    Conditional,
}
