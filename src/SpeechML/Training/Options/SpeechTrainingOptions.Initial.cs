using SpeechML.Encoders.Adapters.Peft;
using static SpeechML.Audio.Common.OptionChecks;

namespace SpeechML;

/// <summary>What is taken from <see cref="SpeechTrainingOptions.InitialModel"/>.</summary>
public enum InitialParts
{
    /// <summary>
    /// The encoder and all that is on top of it. Layers in use, pooling, head and labels must be the same.
    /// </summary>
    All,

    /// <summary>The encoder alone, with its adapter: the head starts anew, for the same task or another.</summary>
    Encoder,

    /// <summary>
    /// What is on top of the encoder: the learned combination of layers, the pooling's weights and the head. The
    /// encoder is <see cref="SpeechTrainingOptions.Encoder"/>.
    /// </summary>
    Head,
}

/// <content>Going on from a fine-tuned model.</content>
public partial class SpeechTrainingOptions
{
    /// <summary>
    /// A fine-tuned model whose weights the run begins with; empty for none. A zip saved by
    /// <c>mlContext.Model.Save</c>, a folder written by
    /// <c>mlContext.Speech().SaveHuggingFace</c>, or an adapter's folder of the PEFT library. Unless only the head is
    /// taken, <see cref="Encoder"/> may be left empty with the first two: they hold
    /// the encoder.
    /// </summary>
    public string InitialModel { get; set; } = "";

    /// <summary>What is taken from <see cref="InitialModel"/>.</summary>
    public InitialParts InitialParts { get; set; } = InitialParts.All;

    /// <summary>Whether <see cref="Encoder"/> may be empty.</summary>
    private bool HasInitialEncoder => !string.IsNullOrWhiteSpace(InitialModel) && InitialParts != InitialParts.Head;

    private void ValidateInitial()
    {
        CheckEnum(InitialParts, nameof(InitialParts));
        Check(InitialModel is not null, nameof(InitialModel), "a model zip or folder, or an empty text for none",
            InitialModel);
        bool given = InitialModel!.Length > 0;
        Check(given || InitialParts == InitialParts.All, nameof(InitialParts),
            $"{nameof(InitialParts.All)}, because {nameof(InitialModel)} is empty", InitialParts);
        Check(
            !given || File.Exists(InitialModel) || Directory.Exists(InitialModel),
            nameof(InitialModel),
            "the path of a model zip or folder (there is none of this name)",
            InitialModel);
        if (given && PeftFolder.IsOne(InitialModel))
        {
            Check(InitialParts == InitialParts.Encoder, nameof(InitialParts),
                $"{nameof(InitialParts.Encoder)}, because {nameof(InitialModel)} is an adapter's folder and has no head", InitialParts);
            Check(!string.IsNullOrWhiteSpace(Encoder), nameof(Encoder),
                $"the encoder that the adapter of {nameof(InitialModel)} was made for", Encoder);
            Check(Lora is null || Lora.Rank > 0, "Lora.Rank", $"the rank of the adapter of {nameof(InitialModel)}",
                Lora?.Rank);
        }
    }
}
