using SpeechML.Training.Caching;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>Clips that go through the network together, and where in it they begin.</summary>
/// <param name="Start">Where they begin.</param>
/// <param name="Lengths">The cost of each clip: samples at <see cref="CacheStage.Samples"/>, valid frames at
/// <see cref="CacheStage.FrontEnd"/> and <see cref="CacheStage.Hidden"/>, else 1.</param>
internal sealed record Batch(CachePoint Start, long[] Lengths)
{
    /// <summary>Samples of each clip, at <see cref="CacheStage.Samples"/>; else empty.</summary>
    public float[][] Clips { get; init; } = [];

    /// <summary>
    /// What the encoder is fed, where that is not made from <see cref="Clips"/>, which are empty then; at
    /// <see cref="CacheStage.Samples"/>.
    /// </summary>
    public EncoderInput? Input { get; init; }

    /// <summary>
    /// Whether the samples are windows of a long clip that were brought to the level of the whole clip.
    /// </summary>
    public bool IsLevelled { get; init; }

    /// <summary>
    /// The values at <see cref="Start"/>, shorter clips padded with 0: (batch, frames, channels or hidden),
    /// (batch, layers, size) or (batch, size); <see langword="null"/> at <see cref="CacheStage.Samples"/>.
    /// </summary>
    public Tensor? Values { get; init; }

    /// <summary>Extra features (batch, numbers) as their columns have them; <see langword="null"/> for none.</summary>
    public Tensor? Extras { get; init; }

    /// <summary>
    /// Targets (batch, targets), or (batch) where a clip has a single one; <see langword="null"/> in scoring.
    /// </summary>
    public Tensor? Targets { get; init; }

    /// <summary>A batch that begins with samples and has no targets.</summary>
    public static Batch Of(float[][] clips) =>
        new(CachePoint.Samples, [.. clips.Select(c => c.LongLength)]) { Clips = clips };
}
