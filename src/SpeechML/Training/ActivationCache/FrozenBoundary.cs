namespace SpeechML.Training.ActivationCache;

/// <summary>
/// How far into the network nothing trains: what comes before is computed once per clip and kept, what comes after at
/// every step.
/// </summary>
internal enum FrozenPart
{
    /// <summary>Something in the front end trains: the clips themselves are kept.</summary>
    Nothing,

    /// <summary>The front end and some layers are frozen: a hidden state is kept.</summary>
    Layers,

    /// <summary>
    /// The encoder is frozen and its layers are weighed by learned shares: the pooled vector of each layer is kept.
    /// </summary>
    PooledLayers,

    /// <summary>All but the head is frozen: the pooled vector is kept.</summary>
    Pooling,
}

/// <param name="Part">How far the frozen part reaches.</param>
/// <param name="Layer">With <see cref="FrozenPart.Layers"/>: number of the hidden state that is kept.</param>
internal readonly record struct FrozenBoundary(FrozenPart Part, int Layer);
