using Microsoft.ML;
using SpeechML.Data.Interop;
using SpeechML.Explaining;

namespace SpeechML;

/// <summary>Which part of a clip mattered: <c>mlContext.Speech().Explain</c>.</summary>
public static class SpeechExplanationCatalog
{
    extension(SpeechCatalog catalog)
    {
        /// <summary>
        /// Says which parts of a clip mattered to the scores of a fine-tuned model: by scoring the clip again without
        /// each part, by the attention of its pooling, by integrated gradients. What follows the model in its chain
        /// (calibration, thresholds) does not count.
        /// </summary>
        /// <param name="model">What a trainer of this library gave, or a chain with one in it.</param>
        /// <param name="audio">
        /// The clip as it was loaded: the chain's steps between loading and model (sample rate, trimming) are taken.
        /// </param>
        /// <param name="options">What to compute; <see langword="null"/>, the default, for the defaults.</param>
        /// <param name="progress">Told on the calling thread.</param>
        /// <param name="cancellationToken">Stops it between batches with an
        /// <see cref="OperationCanceledException"/>; so does cancelling the context.</param>
        /// <returns>The numbers; the figure is <c>SpeechReport.Write(explanation, path)</c>. The context's log warns of
        /// integrated gradients whose sum is too far off (<see
        /// cref="SpeechExplanationOptions.CompletenessTolerance"/>).</returns>
        /// <exception cref="ArgumentException">The model has not one fine-tuned speech model in it, or an option is out
        /// of its range or names no target of the model.</exception>
        /// <exception cref="InvalidOperationException">The clip cannot be scored: its sample rate, its length, extra
        /// features that the chain does not make from audio.</exception>
        /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
        public SpeechExplanation Explain(
            ITransformer model, MLAudio audio, SpeechExplanationOptions? options = null,
            IProgress<SpeechExplanationProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentNullException.ThrowIfNull(audio);
            ScoredChain chain = ScoredChain.Of(model);
            return new ClipExplainer(chain.Scorer, options ?? new(), catalog.Context)
                .Explain(chain.Prepare(audio), chain.Extras(audio), progress,
                    Cancellation.Of(catalog.Context, cancellationToken));
        }

        /// <summary>Explains every row of a data view, one after the other as they are asked for.</summary>
        /// <param name="model">What a trainer of this library gave, or a chain with one in it.</param>
        /// <param name="data">The data that the model scores.</param>
        /// <param name="options">What to compute; <see langword="null"/>, the default, for the defaults.</param>
        /// <param name="progress">Told on the calling thread, clip by clip.</param>
        /// <param name="cancellationToken">Stops it between batches with an
        /// <see cref="OperationCanceledException"/>; so does cancelling the context.</param>
        /// <exception cref="ArgumentException">The model has not one fine-tuned speech model in it, or an option is out
        /// of its range or names no target of the model.</exception>
        /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
        public IEnumerable<SpeechExplanation> Explain(
            ITransformer model, IDataView data, SpeechExplanationOptions? options = null,
            IProgress<SpeechExplanationProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentNullException.ThrowIfNull(data);
            SpeechScoringTransformer scorer = ScoredChain.Of(model).Scorer;
            var explainer = new ClipExplainer(scorer, options ?? new(), catalog.Context);
            var cancellation = Cancellation.Of(catalog.Context, cancellationToken);
            // The scores themselves are not asked for, so nothing is computed for them.
            return ExplainedRows.Of(model.Transform(data), scorer)
                .Select(row => explainer.Explain(row.Audio, row.Extras, progress, cancellation));
        }
    }
}
