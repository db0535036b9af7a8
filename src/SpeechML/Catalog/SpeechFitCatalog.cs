using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Tasks;

namespace SpeechML;

/// <summary>Whole pipelines with validation data: <c>mlContext.Speech().Fit</c>.</summary>
public static class SpeechFitCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Fits a pipeline as <c>pipeline.Fit(trainData)</c> does, with validation data for the trainer in it: early
        /// stopping and the choice of the best epoch go by them. They go through the same fitted transformers as the
        /// training data, without augmentation. Calibrators and thresholds behind the trainer are fitted on the
        /// validation data, everything else on the training data.
        /// </summary>
        /// <typeparam name="TLastTransformer">What the pipeline's last estimator gives.</typeparam>
        /// <param name="pipeline">Loading, resampling, keys, trainer, and whatever comes behind it.</param>
        /// <param name="trainData">What is learned from, as it comes before the pipeline.</param>
        /// <param name="validationData">What every epoch is evaluated on, with the same columns.</param>
        /// <returns>One model, to be saved whole; <see cref="SpeechScoringTransformer.Outcome"/> of the transformer in
        /// it says which epoch it is of.</returns>
        /// <exception cref="ArgumentException">No trainer of this library is in the pipeline.</exception>
        /// <exception cref="InvalidOperationException">The labels cannot be learned from, or training
        /// diverged.</exception>
        public TransformerChain<TLastTransformer> Fit<TLastTransformer>(
            EstimatorChain<TLastTransformer> pipeline, IDataView trainData, IDataView validationData)
            where TLastTransformer : class, ITransformer
        {
            ArgumentNullException.ThrowIfNull(pipeline);
            ArgumentNullException.ThrowIfNull(trainData);
            ArgumentNullException.ThrowIfNull(validationData);
            return ChainFit.HasTrainer(pipeline)
                ? ChainFit.Fit(catalog.Context, pipeline, trainData, validationData)
                : throw new ArgumentException(
                    $"Pipeline: expected a trainer of SpeechML in it, which takes validation data, got " +
                    $"{string.Join(", ", ChainFit.Names(pipeline))}. Call pipeline.Fit(trainData) instead.",
                    nameof(pipeline));
        }
    }
}
