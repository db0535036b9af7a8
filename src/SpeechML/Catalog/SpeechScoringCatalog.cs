using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Scoring;

namespace SpeechML;

/// <summary>Models as scoring needs them: <c>mlContext.Speech().ForScoring</c>.</summary>
public static class SpeechScoringCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// The part of a model that scores: without transformers that only make labels (<c>MapValueToKey</c> of the
        /// label column) or other columns that no score depends on. Its input is what scoring needs, usually the
        /// column of file names alone.
        /// </summary>
        /// <param name="model">A model with a fine-tuned speech model in it.</param>
        /// <param name="inputSchema">The schema of its input, as in training.</param>
        /// <param name="scoringSchema">The schema of the input that the result needs.</param>
        /// <returns>A chain of the same transformers, which the two models share: dispose one of them only.</returns>
        /// <exception cref="ArgumentException">The model has no fine-tuned speech model.</exception>
#pragma warning disable CA1822 // A catalog's entry points are instance members, as ML.NET's.
        public TransformerChain<ITransformer> ForScoring(
            ITransformer model, DataViewSchema inputSchema, out DataViewSchema scoringSchema)
#pragma warning restore CA1822
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentNullException.ThrowIfNull(inputSchema);
            (List<ITransformer> steps, List<string> columns) =
                TransformerSteps.ForScoring(model, inputSchema, s => s is SpeechScoringTransformer);
            scoringSchema = TransformerSteps.Part(inputSchema, columns);
            return TransformerSteps.Chain(steps);
        }

        /// <summary>
        /// Saves <see cref="ForScoring"/> of a model, to a path or to an address: who loads it needs no labels and no
        /// subjects. The file appears whole or not at all.
        /// </summary>
        /// <param name="model">A model with a fine-tuned speech model in it.</param>
        /// <param name="inputSchema">The schema of its input, as in training.</param>
        /// <param name="path">A path or an address.</param>
        /// <param name="overwrite">Whether a file that is there may be replaced.</param>
        /// <exception cref="ArgumentException">The model has no fine-tuned speech model.</exception>
        /// <exception cref="StorageException">There is a file and <paramref name="overwrite"/> is not set, or the store
        /// failed.</exception>
        public void SaveForScoring(
            ITransformer model, DataViewSchema inputSchema, string path, bool overwrite = false)
        {
            ITransformer scorer = catalog.ForScoring(model, inputSchema, out DataViewSchema schema);
            catalog.SaveModel(scorer, TransformerSteps.Saved(schema, inputSchema), path, overwrite);
        }

        /// <summary>
        /// Sets the arithmetic that a model scores with, whatever it was trained with; a model that is saved afterwards
        /// says it. Not while another thread scores.
        /// </summary>
        /// <param name="model">A model with fine-tuned speech models or <c>EncodeSpeech</c> in it.</param>
        /// <param name="precision">The arithmetic of its encoders' products.</param>
        /// <exception cref="ArgumentException">The model has neither.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The precision is not defined.</exception>
        /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
        public void UsePrecision(ITransformer model, SpeechPrecision precision)
        {
            ForEach(model, $"Model to score in precision {precision}",
                scorer => scorer.Model.UsePrecision(catalog.Context, precision),
                featurizer => featurizer.UsePrecision(catalog.Context, precision));
        }

        /// <summary>
        /// Puts clips that several threads score one by one (each with its own <c>PredictionEngine</c> over the model)
        /// into batches, which one thread computes; tables are scored in batches anyway. A clip's scores are those that
        /// it has alone, to the rounding of sums. Clips that wait are scored as they were to be. A saved model does not
        /// say it.
        /// </summary>
        /// <param name="model">A model with fine-tuned speech models or <c>EncodeSpeech</c> in it.</param>
        /// <param name="options">How; <see langword="null"/> for each clip by itself, which is the default.</param>
        /// <param name="cancellationToken">Ends the waiting of clips that are not being scored yet, and refuses later
        /// ones: such as a host's token of shutting down.</param>
        /// <exception cref="ArgumentException">The model has neither, or an option cannot be.</exception>
        /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
#pragma warning disable CA1822 // As above.
        public void UseBatching(
            ITransformer model, SpeechBatchingOptions? options, CancellationToken cancellationToken = default)
#pragma warning restore CA1822
        {
            options?.Validate();
            ForEach(model, "Model to score in batches", scorer => scorer.Model.UseBatching(options, cancellationToken),
                featurizer => featurizer.Model.UseBatching(options, cancellationToken));
        }
    }

    private static void ForEach(
        ITransformer model, string what, Action<SpeechScoringTransformer> score,
        Action<SpeechEncodingTransformer> encode)
    {
        ArgumentNullException.ThrowIfNull(model);
        bool found = false;
        foreach (ITransformer step in TransformerSteps.Flatten(model))
        {
            switch (step)
            {
                case SpeechScoringTransformer scorer:
                    score(scorer);
                    found = true;
                    break;
                case SpeechEncodingTransformer featurizer:
                    encode(featurizer);
                    found = true;
                    break;
            }
        }
        if (!found)
        {
            throw new ArgumentException(
                $"{what}: expected a fine-tuned speech model or EncodeSpeech, " +
                $"got {string.Join(", ", TransformerSteps.Flatten(model).Select(t => t.GetType().Name))}.",
                nameof(model));
        }
    }
}
