using SpeechML.Audio.Common;
using SpeechML.Encoders.Features;
using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>
/// Draws the masks of SpecAugment for the batches of one optimizer step (see <see cref="SpecAugmentOptions"/>).
/// </summary>
/// <param name="options">How much is masked.</param>
/// <param name="seed">The step's seed.</param>
internal sealed class FeatureMasking(SpecAugmentOptions options, int seed)
{
    private readonly SeededRandom _random = new((ulong)seed);

    /// <summary>True on masked frames, (batch, frames); <see langword="null"/> where frames are not masked.</summary>
    /// <param name="lengths">Valid frames of each clip: padding is never masked.</param>
    /// <param name="frames">Frames of the batch.</param>
    /// <param name="device">Where the mask is needed.</param>
    public Tensor? Frames(long[] lengths, long frames, Device device) => options.TimeProbability == 0
        ? null
        : tensor(SpecAugment.Mask(_random, lengths.Length, (int)frames, options.Time, lengths),
            [lengths.Length, frames], device: device);

    /// <summary>
    /// True on masked features, (batch, features); <see langword="null"/> where features are not masked.
    /// </summary>
    public Tensor? Features(int batch, long features, Device device) => options.FeatureProbability == 0
        ? null
        : tensor(SpecAugment.Mask(_random, batch, (int)features, options.Feature), [batch, features], device: device);
}
