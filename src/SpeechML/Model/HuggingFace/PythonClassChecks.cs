using SpeechML.Audio.Options;

namespace SpeechML.Model.HuggingFace;

/// <summary>Options that a classification class of transformers cannot say.</summary>
internal static class PythonClassChecks
{
    /// <summary>Refuses them.</summary>
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
        Agree(!head.LayerNorm, "Head.LayerNorm", false, head.LayerNorm);
        Agree(head.HiddenLayers <= 1, "Head.HiddenLayers", "0 or 1", head.HiddenLayers);
        Agree(head.HiddenLayers == 0 || head.Activation == HeadActivation.Identity, "Head.Activation",
            HeadActivation.Identity, head.Activation);
        Agree(head.HiddenLayers == 0 || !head.PerTarget, "Head.PerTarget", false, head.PerTarget);
        Agree(options is not SpeechOrdinalOptions ordinal || ordinal.Loss == OrdinalLoss.EarthMovers, "Loss",
            OrdinalLoss.EarthMovers, (options as SpeechOrdinalOptions)?.Loss ?? "");
    }

    private static void Agree(bool fits, string option, object expected, object got) =>
        OptionChecks.Check(fits, option,
            $"{expected}, because {nameof(SpeechTrainingOptions.HuggingFaceHead)} is true", got);
}
