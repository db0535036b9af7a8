namespace SpeechML.Training.Caching;

/// <summary>The kinds of place in the network where a cached value may stand.</summary>
internal enum CacheStage
{
    /// <summary>Before the encoder: the samples of a clip.</summary>
    Samples,

    /// <summary>
    /// What the convolutions of a waveform encoder give (frames, channels), before its projection and the masks of
    /// SpecAugment.
    /// </summary>
    FrontEnd,

    /// <summary>A hidden state of the encoder (frames, hidden).</summary>
    Hidden,

    /// <summary>The pooled vector of each layer in use (layers, size), before the layers are combined.</summary>
    PooledLayers,

    /// <summary>The pooled vector (size), before the head.</summary>
    Pooled,
}

/// <summary>
/// Where in the network a batch begins. What comes before is frozen and computed once per clip, what comes after at
/// every step.
/// </summary>
/// <param name="Stage">The kind of place.</param>
/// <param name="Layer">With <see cref="CacheStage.Hidden"/>: the number of the hidden state; else 0.</param>
internal readonly record struct CachePoint(CacheStage Stage, int Layer)
{
    /// <inheritdoc cref="CacheStage.Samples"/>
    public static CachePoint Samples => new(CacheStage.Samples, 0);

    /// <inheritdoc cref="CacheStage.FrontEnd"/>
    public static CachePoint FrontEnd => new(CacheStage.FrontEnd, 0);

    /// <inheritdoc cref="CacheStage.PooledLayers"/>
    public static CachePoint PooledLayers => new(CacheStage.PooledLayers, 0);

    /// <inheritdoc cref="CacheStage.Pooled"/>
    public static CachePoint Pooled => new(CacheStage.Pooled, 0);

    /// <summary>Whether a batch from here still passes through the encoder's layers.</summary>
    public bool IsBeforeLayers => Stage == CacheStage.Samples || HasFrames;

    /// <summary>Whether what is kept of a clip are frames, as many as the clip is long.</summary>
    public bool HasFrames => Stage is CacheStage.FrontEnd or CacheStage.Hidden;

    /// <inheritdoc cref="CacheStage.Hidden"/>
    public static CachePoint Hidden(int layer) => new(CacheStage.Hidden, layer);
}
