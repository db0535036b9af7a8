using SpeechML.Audio.Options;
using SpeechML.Encoders;

namespace SpeechML.Model.HuggingFace;

/// <summary>Options that a classification class of transformers cannot say.</summary>
internal static class PythonClassChecks
{
    /// <summary>Refuses those that no class can say.</summary>
    /// <exception cref="ArgumentException">An option that does not go with
    /// <see cref="SpeechTrainingOptions.HuggingFaceHead"/>.</exception>
    public static void Check(SpeechTrainingOptions options)
    {
        HeadOptions head = options.Head;
        Agree(options.Pooling == SpeechPooling.Mean, nameof(options.Pooling), SpeechPooling.Mean, options.Pooling);
        Agree(options.LayerCombination != LayerCombination.Concatenate, nameof(options.LayerCombination),
            $"{LayerCombination.WeightedSum} or {LayerCombination.Mean}", options.LayerCombination);
        Agree(options.WhisperContext is WhisperContext.Exact30Seconds or WhisperContext.Auto,
            nameof(options.WhisperContext), WhisperContext.Exact30Seconds, options.WhisperContext);
        Agree(options.ExtraFeatures.Length == 0, nameof(options.ExtraFeatures), "none", options.ExtraFeatures);
        Agree(options.SoftPrompt.Tokens == 0, "SoftPrompt.Tokens", 0, options.SoftPrompt.Tokens);
        Agree(head.FrameLayers == 0, "Head.FrameLayers", 0, head.FrameLayers);
        Agree(head.HiddenLayers <= 1, "Head.HiddenLayers", "0 or 1", head.HiddenLayers);
        Agree(head.HiddenLayers == 0 || head.Activation == HeadActivation.Identity, "Head.Activation",
            HeadActivation.Identity, head.Activation);
        Agree(head.HiddenLayers == 0 || !head.PerTarget, "Head.PerTarget", false, head.PerTarget);
        Agree(options is not SpeechOrdinalOptions ordinal || ordinal.Loss == OrdinalLoss.EarthMovers, "Loss",
            OrdinalLoss.EarthMovers, (options as SpeechOrdinalOptions)?.Loss ?? "");
    }

    /// <summary>Refuses those that the class on an encoder cannot say.</summary>
    /// <exception cref="ArgumentException">An option that does not go with
    /// <see cref="SpeechTrainingOptions.HuggingFaceHead"/>.</exception>
    public static void Check(SpeechTrainingOptions options, EncoderFamily family)
    {
        if (!options.HuggingFaceHead)
        {
            return;
        }
        HeadOptions head = options.Head;
        if (!family.HasTokenHead)
        {
            Agree(!head.LayerNorm, "Head.LayerNorm", false, head.LayerNorm);
            return;
        }
        string why = $", and {family.ClassifierClass} pools tokens";
        // Which has a norm, whether the option says so or not.
        Agree(head.HiddenLayers == 0, "Head.HiddenLayers", 0, head.HiddenLayers, why);
        Agree(!head.PerTarget, "Head.PerTarget", false, head.PerTarget, why);
        Agree(options.Layers is EncoderLayers.Last or EncoderLayers.Auto, nameof(options.Layers), EncoderLayers.Last,
            options.Layers, why);
        Agree(options.LongAudio.Rule != LongAudioRule.RandomCrop, "LongAudio.Rule",
            $"{LongAudioRule.Truncate} or {LongAudioRule.Error}", options.LongAudio.Rule, why);
    }

    private static void Agree(
        bool fits, string option, object expected, object got, string why = "") =>
        OptionChecks.Check(fits, option,
            $"{expected}, because {nameof(SpeechTrainingOptions.HuggingFaceHead)} is true{why}", got);
}
