using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.Scoring;
using SpeechML.Model;
using SpeechML.Model.HuggingFace;

namespace SpeechML;

/// <summary>Models as folders: <c>mlContext.Speech().SaveHuggingFace</c> and <c>LoadHuggingFace</c>.</summary>
public static class SpeechModelCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Loads a classifier of the Hugging Face Hub, a folder of one, a PEFT folder whose <c>modules_to_save</c>
        /// hold a head, or a folder written by <c>SaveHuggingFace</c>. It is the transformer that our trainers give:
        /// <c>Score</c> (and <c>Probability</c>) with the labels of <c>id2label</c> and <c>PredictedLabel</c>.
        /// </summary>
        /// <param name="model">A folder, its address, or a Hub id such as <c>superb/hubert-base-superb-er</c>, with or
        /// without a revision (<c>organisation/name@revision</c>).</param>
        /// <param name="audioColumnName">The column of audio that it scores. The default is <c>Audio</c>.</param>
        /// <param name="options">The base of an adapter, one of several numbers, long audio.</param>
        /// <exception cref="CheckpointException">A file is missing or broken, the configuration says what we cannot do,
        /// or the head is not whole: it is never filled at random.</exception>
        /// <exception cref="HubException">The Hub has no such model, or it may not be read.</exception>
        /// <exception cref="ArgumentException">There is no such folder, and the name is no id.</exception>
        public SpeechScoringTransformer LoadHuggingFace(
            string model, string audioColumnName = "Audio", HuggingFaceModelOptions? options = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(model);
            ArgumentException.ThrowIfNullOrEmpty(audioColumnName);
            options ??= new HuggingFaceModelOptions();
            options.Validate();
            IHostEnvironment env = catalog.Context;
            SpeechModel read = SavedModels.ReadHuggingFace(model, options, speaker: false);
            try
            {
                return ScoringTransformers.Of(env, read, audioColumnName);
            }
            catch
            {
                read.Dispose();
                throw;
            }
        }

        /// <summary>
        /// Writes a fine-tuned model as a Hugging Face folder: <c>config.json</c>, <c>model.safetensors</c> and
        /// <c>preprocessor_config.json</c> as transformers writes them, an adapter below <c>adapter</c> as PEFT writes
        /// it, the head in <c>head.safetensors</c>. Where a classification class of transformers computes the same
        /// (<see cref="SpeechTrainingOptions.HuggingFaceHead"/>), the folder is one of that class; elsewhere
        /// <c>README.md</c> has a program that gives the scores. The log says which. The folder can be
        /// <see cref="InitialModelOptions.Path"/> of another training.
        /// </summary>
        /// <param name="model">What a trainer of this library, <c>LoadHuggingFace</c> or <c>EmbedSpeaker</c> gave, or a
        /// chain with one in it.</param>
        /// <param name="folder">A new or empty folder.</param>
        /// <param name="mergeAdapter">Fold an adapter into the encoder's weights instead of writing it beside
        /// them.</param>
        /// <param name="overwrite">Replace files in a folder that is not empty.</param>
        /// <exception cref="ArgumentException">The model is not one fine-tuned speech model.</exception>
        /// <exception cref="CheckpointException">The folder is not empty and <paramref name="overwrite"/> is not
        /// set.</exception>
        public void SaveHuggingFace(
            ITransformer model, string folder, bool mergeAdapter = false, bool overwrite = false)
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentException.ThrowIfNullOrEmpty(folder);
            SpeechModel[] found = [.. TransformerSteps.Flatten(model).Select(ModelOf).OfType<SpeechModel>()];
            if (found.Length != 1)
            {
                throw new ArgumentException(
                    $"Model to write: expected one fine-tuned speech model, got " +
                    $"{(found.Length == 0 ? "none" : found.Length)} among " +
                    $"{string.Join(", ", TransformerSteps.Flatten(model).Select(t => t.GetType().Name))}.",
                    nameof(model));
            }
            string kind = SpeechModelFolder.Write(found[0], folder, mergeAdapter, overwrite);
            using IChannel channel = ((IHostEnvironment)catalog.Context).Start("SaveHuggingFace");
            channel.Info("{0}: {1}", folder, kind);
        }
    }

    private static SpeechModel? ModelOf(ITransformer step) => step switch
    {
        SpeechScoringTransformer scorer => scorer.Model,
        SpeechEncodingTransformer { Model.Facts.Speaker: not null } speaker => speaker.Model,
        _ => null,
    };
}
