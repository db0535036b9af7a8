using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;

namespace SpeechML.Sweeps.Running;

/// <summary>What the user gave: two parts, or one to be divided.</summary>
internal sealed record SweepDataset(IDataView Train, IDataView? Validation, string? SubjectColumnName, int Folds);

/// <summary>
/// The data as the trainers read it: preprocessed, the audio kept, one training and one validation view per fold.
/// </summary>
internal sealed class SweepData : IDisposable
{
    private readonly List<KeptAudio> _kept = [];

    /// <summary>
    /// Fits the preprocessing once and reads the audio once (augmented audio: anew in each epoch of each fit).
    /// </summary>
    public SweepData(IHost host, IEstimator<ITransformer> preprocessing, SweepDataset dataset, string audioColumnName,
        int seed, long memoryLimit, CancellationToken cancellation)
    {
        Action checkAlive = () =>
        {
            cancellation.ThrowIfCancellationRequested();
            host.CheckAlive();
        };
        Preprocessing = preprocessing.Fit(dataset.Train);
        try
        {
            IDataView Keep(IDataView data)
            {
                if (AugmentedAudio.IsMarked(data.Schema[audioColumnName]))
                {
                    return data;
                }
                var kept = new KeptAudio(host, data, audioColumnName, memoryLimit, checkAlive);
                _kept.Add(kept);
                return kept;
            }

            IDataView train = ForTraining(Preprocessing, dataset.Train);
            bool augmented = train.Schema.GetColumnOrNull(audioColumnName) is { } column
                && AugmentedAudio.IsMarked(column);
            if (dataset.Validation is { } validation)
            {
                IDataView keptTrain = augmented ? train : Keep(train);
                Folds = [(() => augmented ? ForTraining(Preprocessing, dataset.Train) : keptTrain,
                    Keep(Preprocessing.Transform(validation)))];
            }
            else
            {
                int[] folds = SubjectFolds.Assign(dataset.Train, dataset.SubjectColumnName!, dataset.Folds, seed);
                IDataView all = Keep(Preprocessing.Transform(dataset.Train));
                Folds =
                [
                    .. Enumerable.Range(0, dataset.Folds).Select(fold =>
                    {
                        bool[] held = [.. folds.Select(f => f == fold)];
                        bool[] seen = [.. held.Select(h => !h)];
                        Func<IDataView> trainOf = () =>
                            new RowSubsetDataView(host, augmented ? ForTraining(Preprocessing, dataset.Train) : all,
                            seen);
                        return (trainOf, (IDataView)new RowSubsetDataView(host, all, held));
                    }),
                ];
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        Hash = string.Join(' ', _kept.Select(k => k.Hash));
    }

    /// <summary>The fitted preprocessing, which goes into the models.</summary>
    public ITransformer Preprocessing { get; }

    /// <summary>
    /// For each fold what is learned from (a view of its own for each fit, so that augmentation begins anew) and what
    /// is judged on.
    /// </summary>
    public IReadOnlyList<(Func<IDataView> Train, IDataView Validation)> Folds { get; }

    /// <summary>SHA-256 over the audio that is kept.</summary>
    public string Hash { get; }

    public void Dispose() => _kept.ForEach(k => k.Dispose());

    /// <summary>As <c>EstimatorChain.Fit</c> passes data on to the trainer: augmentation takes part.</summary>
    private static IDataView ForTraining(ITransformer transformer, IDataView data) => transformer switch
    {
        IEnumerable<ITransformer> chain => chain.Aggregate(data, (view, part) => ForTraining(part, view)),
        ITransformerWithDifferentMappingAtTrainingTime differs => differs.TransformForTrainingPipeline(data),
        _ => transformer.Transform(data),
    };
}
