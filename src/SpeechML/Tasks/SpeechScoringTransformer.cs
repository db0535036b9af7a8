using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.Model;

namespace SpeechML;

/// <summary>Base of the fine-tuned models as transformers: scores audio in batches that look ahead.</summary>
public abstract class SpeechScoringTransformer
    : RowStreamTransformer<(MLAudio Audio, float[]? Extras), float[]>, IDisposable
{
    private protected SpeechScoringTransformer(IHost host, string audioColumnName, SpeechModel model)
        : base(host, audioColumnName)
    {
        Model = model;
    }

    /// <summary>
    /// How the training ended: the best epoch, its value, the epoch whose weights the model has. Kept in saved models;
    /// <see langword="null"/> for models that were saved by version 0.1, and for heads that are solved without epochs.
    /// </summary>
    public TrainingOutcome? Outcome => Model.Facts.Outcome;

    /// <summary>
    /// The classes or labels, one for each output, in their order; of a model that gives one number or one answer, the
    /// name of the column that it learned from.
    /// </summary>
    public IReadOnlyList<string> Labels => Model.Facts.Labels?.Values ?? [];

    /// <summary>The network itself; it stays the transformer's.</summary>
    internal SpeechNetwork Network => Model.Network;

    /// <summary>The column that it scores.</summary>
    internal string AudioColumn => InputColumnName;

    internal SpeechModel Model { get; }

    private protected sealed override DataViewType InputType => AudioDataViewType.Instance;

    private protected sealed override bool SavesOnnx => true;

    /// <summary>
    /// Frees the network's tensors as soon as no batch is being scored. Every later use of the transformer, of views
    /// and cursors made by it, and of engines over it throws <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <remarks>A <c>PredictionEngine</c> disposes its model with itself, unless it was created with
    /// <c>new PredictionEngineOptions { OwnsTransformer = false }</c>.</remarks>
    public void Dispose() => Model.Dispose();

    private protected sealed override void ThrowIfDisposed() => Model.Network.ThrowIfDisposed();

    private protected sealed override IEnumerable<float[]> Process(
        IEnumerable<(MLAudio Audio, float[]? Extras)> rows) => Model.Score(rows, InputColumnName);

    private protected sealed override float[] ProcessOne((MLAudio Audio, float[]? Extras) row) =>
        Model.ScoreOne(row.Audio, row.Extras, InputColumnName);

    private protected sealed override StreamInput<(MLAudio Audio, float[]? Extras)> FindInput(DataViewSchema schema) =>
        ExtraColumns.Input(FindMainInput(schema), schema, Model.Facts.ExtraFeatures ?? []);
}
