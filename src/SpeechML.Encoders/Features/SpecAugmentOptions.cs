using SpeechML.Audio.Options;
using SpeechML.Encoders.Features;

namespace SpeechML;

/// <summary>
/// SpecAugment (Park et al. 2019) as Hugging Face's encoders do it in training, never at scoring or on validation data:
/// spans of frames and of features are masked. wav2vec 2.0 and its kind, SEW, conformers and w2v-BERT after the feature
/// projection (masked frames become the checkpoint's learned vector, masked features 0), Whisper on the log-mel
/// spectrogram (0), the Audio Spectrogram Transformer not at all. Names and meaning are those
/// of <c>config.json</c> (<c>mask_time_prob</c>, ...), whose own values are not used: masking is on only where it is
/// asked for here.
/// </summary>
public sealed record SpecAugmentOptions
{
    /// <summary>
    /// Share of the frames that masks would cover if they never met, in [0, 1]; 0, the default, for none.
    /// </summary>
    [InRange("a share from 0 (none) to 1", Min = 0, Max = 1)]
    public double TimeProbability { get; set; }

    /// <summary>Frames that one mask covers. The default is 10.</summary>
    [InRange("at least 1 frame", Min = 1)]
    public int TimeLength { get; set; } = 10;

    /// <summary>Fewest masks over frames per clip, as far as there is room. The default is 2.</summary>
    [InRange("0 or more", Min = 0)]
    public int TimeMinMasks { get; set; } = 2;

    /// <summary>
    /// Share of the features that masks would cover if they never met, in [0, 1]; 0, the default, for none.
    /// </summary>
    [InRange("a share from 0 (none) to 1", Min = 0, Max = 1)]
    public double FeatureProbability { get; set; }

    /// <summary>Features that one mask covers. The default is 10.</summary>
    [InRange("at least 1 feature", Min = 1)]
    public int FeatureLength { get; set; } = 10;

    /// <summary>Fewest masks over features per clip. The default is 0.</summary>
    [InRange("0 or more", Min = 0)]
    public int FeatureMinMasks { get; set; }

    internal bool IsOn => TimeProbability > 0 || FeatureProbability > 0;

    internal SpecAugmentSettings Time =>
        new() { Probability = TimeProbability, Length = TimeLength, MinMasks = TimeMinMasks };

    internal SpecAugmentSettings Feature =>
        new() { Probability = FeatureProbability, Length = FeatureLength, MinMasks = FeatureMinMasks };
}
