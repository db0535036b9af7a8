using SpeechML.Model;

namespace SpeechML.Training.Probing;

/// <summary>What <c>auto</c> means for one trainer, as far as it does not depend on the clips.</summary>
internal static class AutoSettings
{
    /// <summary>Options without <c>auto</c>, but for layers that are found on the clips.</summary>
    /// <param name="options">Validated options.</param>
    /// <returns>The options and a line for the log, empty where nothing has to be said.</returns>
    public static (SpeechTrainingOptions Options, string Note) Resolve(SpeechTrainingOptions options)
    {
        SpeechTrainingOptions used = options.Copy();
        string note = "";
        if (used.Layers.Trim() == EncoderLayers.Auto)
        {
            used.Layers = EncoderLayers.Auto;
            note = ResolveLayers(used);
        }
        if (used.Freezing == LayerFreezing.Auto)
        {
            used.Freezing = used.Layers == EncoderLayers.Auto && used.Lora.Rank == 0
                ? LayerFreezing.All : LayerFreezing.RequiredOnly;
        }
        return (used, note);
    }

    /// <summary>Why layers are not looked for and the last one is taken; empty where they are looked for.</summary>
    public static string WhyLast(
        string pooling, int promptTokens, int frameLayers, bool huggingFaceHead = false) =>
        huggingFaceHead ? "HuggingFaceHead is set"
        : promptTokens > 0 ? "a soft prompt changes every layer"
        : frameLayers > 0 ? "the head has layers over frames"
        : pooling != SpeechPooling.Mean && pooling != SpeechPooling.MeanStd ? $"the pooling is {pooling}" : "";

    private static string ResolveLayers(SpeechTrainingOptions used)
    {
        if (used.InitialModel.Path.Length > 0 && !InitialModel.IsAdapterAlone(used))
        {
            ModelManifest facts = SavedModels.ReadFacts(used.InitialModel.Path);
            used.Layers = facts.Layers.Length > 0 ? string.Join(',', facts.Layers)
                : facts.Layer == LayerSelection.LastNumber ? EncoderLayers.Last
                : FormattableString.Invariant($"{facts.Layer}");
            if (facts.HeadInputs is not null || facts.LayerSearch is not null)
            {
                (used.LayerCombination, used.Pooling) = (facts.LayerCombination, facts.Pooling);
            }
            if (facts.HeadForm is not null && used.InitialModel.Parts != InitialParts.Encoder)
            {
                TakeHead(used, facts);
            }
            return $"Layers: those of InitialModel, {used.Layers}";
        }
        string reason = used.InitialModel.Path.Length > 0 ? "InitialModel is an adapter's folder"
            : WhyLast(used.Pooling, used.SoftPrompt.Tokens, used.Head.FrameLayers, used.HuggingFaceHead);
        if (reason.Length == 0)
        {
            return "";
        }
        used.Layers = EncoderLayers.Last;
        return $"Layers: the last one, because {reason} and linear models on means say nothing about that; set " +
            $"Layers to choose another";
    }

    /// <summary>Of a classifier of the Hub, whose head users do not know, what they left as it is by default.</summary>
    private static void TakeHead(SpeechTrainingOptions used, ModelManifest facts)
    {
        if (used.Head with { Dropout = 0 } == new HeadOptions())
        {
            used.Head = facts.Head! with { Dropout = used.Head.Dropout };
        }
        used.Pooling = used.Pooling == SpeechPooling.Mean ? facts.Pooling : used.Pooling;
        used.HuggingFaceHead |= facts.PoolsSilence == true || facts.PoolsTokens == true;
    }
}
