using SpeechML.Audio.Options;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Ssl;

/// <summary>
/// SpecAugment on projected frames, as <c>_mask_hidden_states</c> of Hugging Face's transformers.
/// </summary>
internal static class FrameMasking
{
    /// <summary>Frames become the learned vector, then features 0.</summary>
    /// <param name="projected">(batch, frames, hidden).</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="masking">The masks.</param>
    /// <param name="embedding">The learned vector.</param>
    public static Tensor Mask(Tensor projected, long[] lengths, FeatureMasking masking, Tensor? embedding)
    {
        Tensor? frames = masking.Frames(lengths, projected.shape[1], projected.device);
        if (frames is not null)
        {
            projected = where(frames.unsqueeze(2), Reduced.As(embedding!, projected.dtype), projected);
        }
        Tensor? features = masking.Features(lengths.Length, projected.shape[2], projected.device);
        return features is null ? projected : projected.masked_fill(features.unsqueeze(1), Scalars.Of(0));
    }

    /// <summary>Refuses masks of frames where there is no vector for them.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static void Check(SpecAugmentOptions options, Tensor? embedding) => OptionChecks.Check(
        options.TimeProbability == 0 || embedding is not null,
        "SpecAugment.TimeProbability",
        "0, because the encoder's config.json has no masking (mask_time_prob and mask_feature_prob are 0), so that " +
        "it has no vector for masked frames",
        options.TimeProbability);
}
