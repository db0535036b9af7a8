using SpeechML.Data.Extras;
using SpeechML.Training.Probing;

namespace SpeechML.Model;

/// <summary>What a trainer puts on and into a pretrained encoder.</summary>
/// <param name="Head">The head.</param>
/// <param name="Outputs">Outputs of the head.</param>
/// <param name="Lora">The encoder's adapter; rank 0 for none.</param>
/// <param name="SoftPrompt">Learned vectors before the frames; 0 tokens for none.</param>
/// <param name="Ordinal">What the outputs of an ordinal head mean; <see langword="null"/> for other tasks.</param>
internal sealed record NetworkPlan(
    HeadOptions Head, int Outputs, LoraOptions Lora, SoftPromptOptions SoftPrompt, string? Ordinal = null)
{
    /// <summary>What of the pooled layers each output is given; <see langword="null"/> for all.</summary>
    public LayerFeatures[]? HeadInputs { get; init; }

    /// <summary>What the head is given beside the pooled vector.</summary>
    public ExtraFeature[] ExtraFeatures { get; init; } = [];
}
