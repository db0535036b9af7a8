using Microsoft.ML;
using SpeechML.Audio.Common;
using SpeechML.Sweeps.Space;
using SpeechML.Sweeps.Studies;
using SpeechML.Training.ActivationCache;

namespace SpeechML.Sweeps.Running;

/// <summary>What a sweep fits: preprocessing, and a trainer made from options.</summary>
internal interface ISweepPipeline
{
    IEstimator<ITransformer> Preprocessing { get; }

    ParameterSpace Space { get; }

    /// <summary>What does not vary.</summary>
    SpeechTrainingOptions Defaults { get; }

    string AudioColumnName { get; }

    /// <summary>The trainer's class.</summary>
    string TrainerName { get; }

    /// <summary>SHA-256 over the labels of some data.</summary>
    string HashTargets(IDataView data);

    /// <summary>One fit.</summary>
    /// <param name="run">What to fit.</param>
    /// <param name="data">The data of its fold.</param>
    /// <param name="work">What the trials share.</param>
    /// <param name="progress">Told about every step; what it throws ends the fit.</param>
    /// <param name="cancellation">Stops the fit.</param>
    ITransformer Fit(TrialRun run, (Func<IDataView> Train, IDataView Validation) data, FrozenWork work,
        IProgress<TrainingProgress> progress, CancellationToken cancellation);
}

/// <summary>One fit of a trial.</summary>
/// <param name="Point">What is tried.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Fold">The fold that is held out.</param>
/// <param name="CheckpointFolder">Where its checkpoints go; empty for nowhere.</param>
/// <param name="Metric">What the best epoch goes by where the options do not say.</param>
internal sealed record TrialRun(SweepPoint Point, int Seed, int Fold, string CheckpointFolder, SpeechMetric Metric)
{
    /// <summary>The fit of one of a trial's runs.</summary>
    public static TrialRun Of(TrialRecord trial, int run, RunPlan plan, TrialFolders folders) =>
        new(trial.Point, plan.SeedOf(run), plan.FoldOf(run), folders.Of(trial.Number, run), plan.Metric);
}

/// <inheritdoc cref="ISweepPipeline"/>
internal sealed class SweepPipeline<TOptions, TTransformer> : ISweepPipeline
    where TOptions : SpeechTrainingOptions
    where TTransformer : ITransformer
{
    private readonly SweepSpace<TOptions> _space;
    private readonly Func<TOptions, SpeechTrainer<TTransformer>> _trainer;
    private readonly SpeechTrainer<TTransformer> _example;

    public SweepPipeline(IEstimator<ITransformer> preprocessing, SweepSpace<TOptions> space, Func<TOptions,
        SpeechTrainer<TTransformer>> trainer)
    {
        Preprocessing = preprocessing;
        _space = space;
        _trainer = trainer;
        _example = Make(space.Create(space.Parameters.Draw(new SeededRandom(0))));
    }

    public IEstimator<ITransformer> Preprocessing { get; }

    public ParameterSpace Space => _space.Parameters;

    public SpeechTrainingOptions Defaults => _space.Defaults;

    public string AudioColumnName => _example.AudioColumnName;

    public string TrainerName => _example.GetType().Name;

    public string HashTargets(IDataView data) => _example.HashTargets(data);

    public ITransformer Fit(
        TrialRun run, (Func<IDataView> Train, IDataView Validation) data, FrozenWork work,
        IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        TOptions options = _space.Create(run.Point);
        options.Seed = run.Seed;
        options.CheckpointFolder = run.CheckpointFolder;
        BestEpochBy(run.Metric, options);
        SpeechTrainer<TTransformer> trainer = Make(options);
        trainer.Attach(progress, work, cancellation);
        return trainer.Fit(data.Train(), data.Validation);
    }

    /// <summary>
    /// Where the options do not say it themselves, the best epoch is that of the sweep's metric; the run takes all its
    /// epochs all the same.
    /// </summary>
    public static void BestEpochBy(SpeechMetric metric, SpeechTrainingOptions options)
    {
        if (options.EarlyStoppingMetric.Length == 0 && options.KeepBest)
        {
            options.EarlyStoppingMetric = metric.Name;
            options.EarlyStoppingPatience = options.Epochs;
        }
    }

    private SpeechTrainer<TTransformer> Make(TOptions options) =>
        _trainer(options) ?? throw new InvalidOperationException(
            "Sweep pipeline: expected the factory to give a trainer, got null.");
}
