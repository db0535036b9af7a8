using SpeechML.Audio.Options;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Model;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>The fine-tuned model whose weights a training begins with.</summary>
public sealed record InitialModelOptions
{
    /// <summary>
    /// The model; empty, the default, for none. A zip saved by <c>mlContext.Model.Save</c>, the folder of a run with
    /// one, a folder written by <c>mlContext.Speech().SaveHuggingFace</c>, a classifier of the Hugging Face Hub (its
    /// folder or id), or an adapter of the PEFT library (its folder or id). Unless only the head is taken,
    /// <see cref="SpeechTrainingOptions.Encoder"/> may be left empty: they hold the encoder, and an adapter names it.
    /// An adapter beside an <see cref="SpeechTrainingOptions.Encoder"/> is put on that encoder, with
    /// <see cref="Parts"/> <see cref="InitialParts.Encoder"/>.
    /// </summary>
    [IsText("a model zip or folder, or an empty text for none", MayBeEmpty = true)]
    [FormerName("InitialModel")]
    public string Path { get; set; } = "";

    /// <summary>What is taken from the model. The default is everything.</summary>
    [FormerName("InitialParts")]
    public InitialParts Parts { get; set; } = InitialParts.All;

    /// <summary>Whether the encoder comes from the model, so that the options need not name one.</summary>
    internal bool HasEncoder => !string.IsNullOrWhiteSpace(Path) && Parts != InitialParts.Head;

    /// <summary>Throws where the model is not there, or is another kind than the other options ask for.</summary>
    internal void Validate(SpeechTrainingOptions options)
    {
        const string Model = "InitialModel.Path", Taken = "InitialModel.Parts";
        Check(Path.Length > 0 || Parts == InitialParts.All, Taken,
            $"{nameof(InitialParts.All)}, because {Model} is empty", Parts);
        Check(Path.Length == 0 || File.Exists(Path) || Directory.Exists(Path) || SavedModels.IsHubId(Path), Model,
            "the path of a model zip or folder (there is none of this name), or a Hub id", Path);
        if (Path.Length > 0 && PeftFolder.IsOne(Path) && !string.IsNullOrWhiteSpace(options.Encoder)
            && Parts != InitialParts.Head)
        {
            CheckAdapter(options);
        }
    }

    /// <summary>Refuses options with which an adapter cannot be put on the encoder that they name.</summary>
    internal static void CheckAdapter(SpeechTrainingOptions options)
    {
        const string Model = "InitialModel.Path";
        Check(options.InitialModel.Parts == InitialParts.Encoder, "InitialModel.Parts",
            $"{nameof(InitialParts.Encoder)}, because {Model} is an adapter's folder; without option " +
            $"{nameof(options.Encoder)} its base model and head are taken", options.InitialModel.Parts);
        Check(options.Lora.Rank > 0, "Lora.Rank", $"the rank of the adapter of {Model}", options.Lora.Rank);
    }
}
