namespace SpeechML;

/// <summary>What is done with a clip that is longer than the encoder is given at once.</summary>
public enum LongAudioRule
{
    /// <summary>It is an error that names the clip and its length.</summary>
    Error,

    /// <summary>Its beginning is taken, in training and in scoring.</summary>
    Truncate,

    /// <summary>
    /// Training takes a piece of it from any place, another in every epoch; scoring takes all of it, as
    /// <see cref="Windows"/> does.
    /// </summary>
    RandomCrop,

    /// <summary>
    /// It is cut into windows that overlap, all of which count. Training does so where the pooled vector is computed
    /// once (the encoder is frozen and the pooling learns nothing); else each step takes one of the clip's windows,
    /// another in every epoch.
    /// </summary>
    Windows,
}
