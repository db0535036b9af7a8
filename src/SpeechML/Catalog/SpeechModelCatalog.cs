using Microsoft.ML;
using SpeechML.Data.Scoring;
using SpeechML.Model;

namespace SpeechML;

/// <summary>Models as folders: <c>mlContext.Speech().SaveHuggingFace</c>.</summary>
public static class SpeechModelCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Writes a fine-tuned model as a Hugging Face folder: <c>config.json</c>, <c>model.safetensors</c> and
        /// <c>preprocessor_config.json</c> as transformers writes them, an
        /// adapter below <c>adapter</c> as PEFT writes it, the head in <c>head.safetensors</c>. The folder can be
        /// <see cref="InitialModelOptions.Path"/> of another training.
        /// </summary>
        /// <param name="model">What a trainer of this library gave, or a chain with one in it.</param>
        /// <param name="folder">A new or empty folder.</param>
        /// <param name="mergeAdapter">Fold an adapter into the encoder's weights instead of writing it beside
        /// them.</param>
        /// <param name="overwrite">Replace files in a folder that is not empty.</param>
        /// <exception cref="ArgumentException">The model is not one fine-tuned speech model.</exception>
        /// <exception cref="CheckpointException">The folder is not empty and <paramref name="overwrite"/> is not
        /// set.</exception>
#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.
        public void SaveHuggingFace(
            ITransformer model, string folder, bool mergeAdapter = false, bool overwrite = false)
#pragma warning restore CA1822
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentException.ThrowIfNullOrEmpty(folder);
            SpeechScoringTransformer[] found = [.. TransformerSteps.Flatten(model).OfType<SpeechScoringTransformer>()];
            if (found.Length != 1)
            {
                throw new ArgumentException(
                    $"Model to write: expected one fine-tuned speech model, got " +
                    $"{(found.Length == 0 ? "none" : found.Length)} among " +
                    $"{string.Join(", ", TransformerSteps.Flatten(model).Select(t => t.GetType().Name))}.",
                    nameof(model));
            }
            SpeechModelFolder.Write(found[0].Model, folder, mergeAdapter, overwrite);
        }
    }
}
