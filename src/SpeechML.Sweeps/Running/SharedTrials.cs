using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Sweeps.Studies;
using SpeechML.Training.ActivationCache;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// Fits for a tuner that is not this library's: preprocessing is fitted and audio is read once, frozen work is shared,
/// and each fit is judged as a sweep's trial is. One fit at a time.
/// </summary>
internal sealed class SharedTrials<TOptions, TTransformer> : IDisposable
    where TOptions : SpeechTrainingOptions
    where TTransformer : ITransformer
{
    private readonly Func<TOptions, SpeechTrainer<TTransformer>> _trainer;
    private readonly SpeechMetric _metric;
    private readonly SweepData _data;
    private readonly FrozenWork _work;

    public SharedTrials(MLContext mlContext, IEstimator<ITransformer> preprocessing, TOptions defaults, Func<TOptions,
        SpeechTrainer<TTransformer>> trainer, SweepDataset dataset, SpeechMetric metric)
    {
        _trainer = trainer;
        _metric = metric;
        IHost host = ((IHostEnvironment)mlContext).Register(nameof(SharedTrials<,>));
        long memory = defaults.CacheMemory * (1L << 20);
        _data = new SweepData(host, preprocessing, dataset, trainer(defaults).AudioColumnName, defaults.Seed, memory,
            default);
        _work = new FrozenWork(memory, FrozenFiles.Open(defaults.Encoding));
    }

    /// <summary>
    /// Fits once on every fold. What takes no part is set back first, because such tuners know no conditions.
    /// </summary>
    /// <param name="options">The options, which are changed.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Preprocessing and model in one, of several folds the best one's, and the mean of the metric over
    /// them.</returns>
    public (ITransformer Model, double Value) Fit(TOptions options, CancellationToken cancellation)
    {
        SweepSpace.ResetUnused(options);
        SweepPipeline<TOptions, TTransformer>.BestEpochBy(_metric, options);
        var plan = new RunPlan(_metric, 1, _data.Folds.Count, options.Seed, options.KeepBest);
        (ITransformer Model, double Loss)? best = null;
        double sum = 0;
        try
        {
            foreach ((Func<IDataView> train, IDataView validation) in _data.Folds)
            {
                var record = new RunRecord(plan);
                SpeechTrainer<TTransformer> trainer = _trainer(options);
                trainer.Attach(new StepObserver(step => Add(record, step)), _work, cancellation);
                ITransformer model = trainer.Fit(train(), validation);
                double value;
                try
                {
                    value = record.FinalValue();
                }
                catch
                {
                    (model as IDisposable)?.Dispose();
                    throw;
                }
                double loss = plan.Loss(value);
                sum += value;
                bool better = best is null || loss < best.Value.Loss;
                ((better ? best?.Model : model) as IDisposable)?.Dispose();
                best = better ? (model, loss) : best;
            }
        }
        catch
        {
            (best?.Model as IDisposable)?.Dispose();
            throw;
        }
        return (new TransformerChain<ITransformer>(_data.Preprocessing, best!.Value.Model), sum / _data.Folds.Count);
    }

    public void Dispose()
    {
        _work.Dispose();
        _data.Dispose();
    }

    private static void Add(RunRecord record, TrainingProgress step)
    {
        if (EpochEnded.Of(1, 0, step) is { } epoch)
        {
            record.Add(epoch);
        }
    }
}
