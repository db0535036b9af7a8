using Microsoft.ML;
using SpeechML.Audio.Common;
using SpeechML.Sweeps.Studies;
using SpeechML.Tasks;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// What a trial fits: preprocessing, and a trainer made from the options of a point. Hides the options' class of the
/// trainer from everything that runs trials.
/// </summary>
internal sealed class TrialPipeline
{
    private readonly Func<SweepPoint, SpeechTrainingOptions> _options;
    private readonly FitOptions _fit;
    private readonly Func<IDataView, string> _hashTargets;

    private TrialPipeline(
        IEstimator<ITransformer> preprocessing, ParameterSpace space, SpeechTrainingOptions defaults,
        Func<SweepPoint, SpeechTrainingOptions> options, FitOptions fit, Func<IDataView, string> hashTargets)
    {
        Preprocessing = preprocessing;
        Space = space;
        Defaults = defaults;
        _options = options;
        _fit = fit;
        _hashTargets = hashTargets;
    }

    private delegate ITransformer FitOptions(
        SpeechTrainingOptions options, IDataView train, IDataView validation, FitContext context);

    public IEstimator<ITransformer> Preprocessing { get; }

    public ParameterSpace Space { get; }

    /// <summary>The options that do not vary.</summary>
    public SpeechTrainingOptions Defaults { get; }

    public required string AudioColumnName { get; init; }

    /// <summary>The trainer's label column.</summary>
    public required string LabelColumnName { get; init; }

    /// <summary>Name of the trainer's class.</summary>
    public required string TrainerName { get; init; }

    /// <summary>A pipeline over a search space.</summary>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static TrialPipeline Create<TOptions, TTransformer>(
        IEstimator<ITransformer> preprocessing, SweepSpace<TOptions> space,
        Func<TOptions, SpeechTrainer<TTransformer>> trainer)
        where TOptions : SpeechTrainingOptions
        where TTransformer : ITransformer =>
        Create(preprocessing, space.Parameters, space.Defaults, space.Create,
            space.Create(space.Parameters.Draw(new SeededRandom(0))), trainer);

    /// <summary>A pipeline whose options another library chooses.</summary>
    public static TrialPipeline Create<TOptions, TTransformer>(
        IEstimator<ITransformer> preprocessing, TOptions defaults, Func<TOptions, SpeechTrainer<TTransformer>> trainer)
        where TOptions : SpeechTrainingOptions
        where TTransformer : ITransformer =>
        Create(preprocessing, new ParameterSpace([]), defaults, _ => defaults, defaults, trainer);

    /// <summary>The options of one fit.</summary>
    public SpeechTrainingOptions OptionsOf(TrialRun run)
    {
        SpeechTrainingOptions options = _options(run.Point);
        options.Seed = run.Seed;
        options.Checkpoints.Folder = run.CheckpointFolder;
        return options;
    }

    /// <summary>One fit.</summary>
    /// <param name="options">The trainer's options.</param>
    /// <param name="metric">Decides the best epoch where the options name no metric; the fit then runs all its
    /// epochs.</param>
    /// <param name="fold">The data.</param>
    /// <param name="context">What the sweep gives it.</param>
    public ITransformer Fit(SpeechTrainingOptions options, SpeechMetric metric, SweepFold fold, FitContext context)
    {
        if (options.EarlyStopping.Metric.Length == 0 && options.EarlyStopping.KeepBest)
        {
            options.EarlyStopping.Metric = metric.Name;
            options.EarlyStopping.Patience = options.Epochs;
        }
        return _fit(options, fold.Train(), fold.Validation, context);
    }

    /// <summary>SHA-256 over the labels of some data.</summary>
    public string HashTargets(IDataView data) => _hashTargets(data);

    private static TrialPipeline Create<TOptions, TTransformer>(
        IEstimator<ITransformer> preprocessing, ParameterSpace space, TOptions defaults,
        Func<SweepPoint, TOptions> options, TOptions example, Func<TOptions, SpeechTrainer<TTransformer>> trainer)
        where TOptions : SpeechTrainingOptions
        where TTransformer : ITransformer
    {
        SpeechTrainer<TTransformer> Make(TOptions from) => trainer(from) ?? throw new InvalidOperationException(
            "Sweep pipeline: expected the factory to give a trainer, got null.");
        SpeechTrainer<TTransformer> first = Make(example);
        return new TrialPipeline(preprocessing, space, defaults, options, Fit, first.HashTargets)
        {
            AudioColumnName = first.AudioColumnName,
            LabelColumnName = first.LabelColumnName,
            TrainerName = first.GetType().Name,
        };

        ITransformer Fit(
            SpeechTrainingOptions from, IDataView train, IDataView validation, FitContext context) =>
            Make((TOptions)from).Fit(train, validation, context);
    }
}

/// <summary>One fit of a trial.</summary>
/// <param name="Point">What is tried.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Fold">The fold that is held out.</param>
/// <param name="CheckpointFolder">Folder of its checkpoints, which no other worker writes to; empty for none.</param>
/// <param name="Resumable">The checkpoints that it may go on from, newest first.</param>
internal sealed record TrialRun(
    SweepPoint Point, int Seed, int Fold, string CheckpointFolder, IReadOnlyList<string> Resumable)
{
    /// <summary>One of a trial's fits, under the lease that the trial has.</summary>
    public static TrialRun Of(TrialRecord trial, int run, RunPlan plan, TrialFolders folders) =>
        Of(trial, trial.Lease, run, plan, folders);

    /// <summary>One of a trial's fits, under a lease.</summary>
    public static TrialRun Of(TrialRecord trial, int lease, int run, RunPlan plan, TrialFolders folders) =>
        new(trial.Point, plan.SeedOf(run), plan.FoldOf(run), folders.Of(trial.Number, run, lease),
            folders.Resumable(trial, run, lease));
}
