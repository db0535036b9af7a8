using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.Interop;
using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;

namespace SpeechML;

/// <summary>
/// Many fits over a search space:
/// <c>mlContext.Speech().CreateSweep().SetPipeline(...).SetDataset(...).SetMaxTrials(50).Run()</c>, as ML.NET's AutoML
/// experiment. A failed trial
/// never ends a sweep; with <see cref="SetStudy"/> everything is on disk as it happens, and a killed sweep goes on
/// where it was.
/// </summary>
public sealed class SpeechSweep
{
    private readonly IHost _host;
    private SweepSettings _settings;
    private TrialPipeline? _pipeline;
    private SweepDataset? _dataset;
    private volatile TrialRunner? _runner;

    internal SpeechSweep(MLContext mlContext)
    {
        _host = ((IHostEnvironment)mlContext).Register(nameof(SpeechSweep));
        _settings = new SweepSettings { Seed = ContextSeed.Of(mlContext, null) };
    }

    /// <summary>
    /// Sets what is fitted: preprocessing (reading, resampling, keys, augmentation), fitted once per fold for all
    /// trials, and a trainer made from the options of each trial.
    /// </summary>
    /// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
    /// <typeparam name="TTransformer">What the trainer gives.</typeparam>
    /// <param name="preprocessing">What comes before the trainer. It is fitted on the training data of each fold, never
    /// on held-out data.</param>
    /// <param name="space">The options that vary, with the defaults of all.</param>
    /// <param name="trainer">Makes a trainer: <c>options =>
    /// mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options)</c>.</param>
    /// <exception cref="ArgumentException">The options are not valid, or name a checkpoint folder.</exception>
    public SpeechSweep SetPipeline<TOptions, TTransformer>(
        IEstimator<ITransformer> preprocessing, SweepSpace<TOptions> space, Func<TOptions,
        SpeechTrainer<TTransformer>> trainer)
        where TOptions : SpeechTrainingOptions
        where TTransformer : ITransformer
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(trainer);
        OptionChecks.Check(space.Defaults.Checkpoints.Folder.Length == 0, "Checkpoints.Folder",
            $"none, because {nameof(SetStudy)} says where a sweep keeps its checkpoints",
            space.Defaults.Checkpoints.Folder);
        _pipeline = TrialPipeline.Create(preprocessing, space, trainer);
        return this;
    }

    /// <summary>
    /// What is learned from, and what every epoch is evaluated on; both as they come before the preprocessing.
    /// </summary>
    public SpeechSweep SetDataset(IDataView trainData, IDataView validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        ArgumentNullException.ThrowIfNull(validationData);
        _dataset = new SweepDataset(trainData, validationData, null, 1);
        return this;
    }

    /// <summary>
    /// Cross-validation: every trial is fitted once per fold (and seed) and evaluated on the fold that is held out. The
    /// folds are those of <c>KFoldBySubject</c> with the sweep's seed and no stratification: no subject is in two.
    /// </summary>
    /// <param name="data">All data, as it comes before the preprocessing. Every clip has a subject.</param>
    /// <param name="subjectColumnName">Name of the text column of subjects.</param>
    /// <param name="folds">Number of folds, at least 2.</param>
    public SpeechSweep SetDataset(IDataView data, string subjectColumnName, int folds)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(subjectColumnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        _dataset = new SweepDataset(data, null, subjectColumnName, folds);
        return this;
    }

    /// <summary>
    /// The metric of the validation data that trials are compared by, of the epoch whose weights a model has: any of
    /// the task's (<see cref="SpeechMetrics.For"/>), or <see cref="SpeechMetrics.Loss"/>. The default is
    /// <see cref="SpeechMetrics.RocAuc"/>. Where the options name no early stopping metric of their own, the best epoch
    /// goes by it too.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentException">
    /// The metric is not in the list (<see cref="SpeechMetrics.Register"/>).
    /// </exception>
    public SpeechSweep SetMetric(SpeechMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return SpeechMetrics.Find(metric.Name) == metric
            ? Set(_settings with { Metric = metric })
            : throw new ArgumentException(
                $"Metric '{metric}': expected one of the list, or one that SpeechMetrics.Register was given.",
                nameof(metric));
    }

    /// <summary>How combinations are chosen; TPE unless said otherwise.</summary>
    public SpeechSweep SetTuner(SweepTuner tuner) =>
        Set(_settings with { Tuner = tuner ?? throw new ArgumentNullException(nameof(tuner)) });

    /// <summary>Which trials are stopped early; none unless said otherwise. Decided by a trial's first run.</summary>
    public SpeechSweep SetPruner(SweepPruner pruner) =>
        Set(_settings with { Pruner = pruner ?? throw new ArgumentNullException(nameof(pruner)) });

    /// <summary>Trials in all, those of earlier processes on the same study among them.</summary>
    public SpeechSweep SetMaxTrials(int trials) => Set(_settings with { MaxTrials = AtLeast(1, trials) });

    /// <summary>
    /// Time after which <see cref="Run"/> returns; trials that are under way then go on when the study does.
    /// </summary>
    public SpeechSweep SetTrainingTime(TimeSpan time) => time > TimeSpan.Zero
        ? Set(_settings with { Time = time })
        : throw new ArgumentOutOfRangeException(nameof(time), time, "Expected a time above 0.");

    /// <summary>Models kept, the best trials'; 1 unless said otherwise.</summary>
    public SpeechSweep SetMaxModelsInMemory(int models) =>
        Set(_settings with { Models = AtLeast(1, models) });

    /// <summary>
    /// Trials at a time in this process; 1 unless said otherwise. They share the cores and torch's random numbers: with
    /// more than one, results depend on timing in their last digits, and with dropout beyond.
    /// </summary>
    public SpeechSweep SetParallelTrials(int trials) =>
        Set(_settings with { Parallel = AtLeast(1, trials) });

    /// <summary>Every trial is fitted under so many seeds, from the options' seed up; its figure is the mean.</summary>
    public SpeechSweep SetSeedsPerTrial(int seeds) => Set(_settings with { Seeds = AtLeast(1, seeds) });

    /// <summary>
    /// Seed of the tuner and of the folds; unless said otherwise that of the <c>MLContext</c>, or 0 where it has none.
    /// (The trainers' is the options'.)
    /// </summary>
    public SpeechSweep SetSeed(int seed) => Set(_settings with { Seed = seed });

    /// <summary>
    /// A folder or an address (<c>gs://bucket/study</c>) of this sweep's own: the log of all that happens, and
    /// checkpoints of the trials. <see cref="Run"/> again, after whatever end, goes on.
    /// </summary>
    /// <param name="study">The folder, or the address: processes on any machines that run the same sweep with it share
    /// the study.</param>
    /// <param name="sharing">How they share it. A folder on a disk is one process's alone unless this is given; then
    /// all processes must give it.</param>
    public SpeechSweep SetStudy(string study, SweepSharing? sharing = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(study);
        return Set(_settings with { Study = study, Sharing = sharing });
    }

    /// <summary>
    /// Who is told when trials begin, end an epoch, and end, on the training thread; <see cref="SweepTable"/> for one.
    /// </summary>
    public SpeechSweep SetProgress(IProgress<SweepProgress> progress) =>
        Set(_settings with { Progress = progress });

    /// <summary>
    /// Ends one trial of the sweep that is running; the others go on. May be called from any thread, also from the
    /// observer.
    /// </summary>
    /// <param name="trial">Number of the trial, from 1.</param>
    public void CancelTrial(int trial) => _runner?.Cancel(trial);

    /// <summary>Runs the sweep, or goes on with it.</summary>
    /// <param name="cancellationToken">Stops the sweep; with a study it can be gone on with.</param>
    /// <exception cref="InvalidOperationException">Pipeline or data are missing, the study is of another sweep, or all
    /// trials failed.</exception>
    /// <exception cref="TimeoutException">No trial finished in the training time.</exception>
    /// <exception cref="IOException">Another process runs the study, or its log cannot be written.</exception>
    public SweepResult Run(CancellationToken cancellationToken = default) =>
        Run((study, runner) =>
        {
            _ = runner.Work(study, cancellationToken);
            return runner.Result(study.Best, study.Trials, cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// Takes part in a study that other processes share, until it has come to its end; loads no model. Of several
    /// workers, let one <see cref="Run"/> to have the best.
    /// </summary>
    /// <param name="cancellationToken">Stops this worker; its trials go on elsewhere.</param>
    /// <returns>How many trials ended here.</returns>
    /// <exception cref="InvalidOperationException">Pipeline, data or study are missing, or the study is of another
    /// sweep.</exception>
    /// <exception cref="IOException">A process has the study alone, or its log cannot be written.</exception>
    public int Work(CancellationToken cancellationToken = default)
    {
        SweepDefinition sweep = Definition();
        if (sweep.Settings.Sharing is null && !StoragePath.IsRemote(sweep.Settings.Study))
        {
            throw new InvalidOperationException(
                $"Sweep: expected {nameof(SetStudy)} with an address or with a {nameof(SweepSharing)} before " +
                $"{nameof(Work)}, because only a shared study has workers.");
        }
        return Run((study, runner) => runner.Work(study, cancellationToken), cancellationToken);
    }

    /// <summary>As <see cref="Work"/>, on a thread of its own.</summary>
    /// <inheritdoc cref="Work"/>
    public Task<int> WorkAsync(CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(() => Work(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>The sweep as it is set up now.</summary>
    internal SweepDefinition Definition()
    {
        TrialPipeline pipeline = _pipeline
            ?? throw new InvalidOperationException($"Sweep: expected {nameof(SetPipeline)} before {nameof(Run)}.");
        SweepDataset dataset = _dataset
            ?? throw new InvalidOperationException($"Sweep: expected {nameof(SetDataset)} before {nameof(Run)}.");
        if (_settings.MaxTrials is null && _settings.Time is null && !_settings.Tuner.EndsByItself)
        {
            throw new InvalidOperationException(
                $"Sweep: expected {nameof(SetMaxTrials)} or {nameof(SetTrainingTime)}, because only a grid ends by " +
                $"itself.");
        }
        return new SweepDefinition(_host, pipeline, dataset, _settings);
    }

    /// <summary>As <see cref="Run"/>, on a thread of its own.</summary>
    /// <inheritdoc cref="Run"/>
    public Task<SweepResult> RunAsync(CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(() => Run(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static int AtLeast(int least, int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }

    private SpeechSweep Set(SweepSettings settings)
    {
        _settings = settings;
        return this;
    }

    private T Run<T>(Func<Study, TrialRunner, T> work, CancellationToken cancellation)
    {
        SweepDefinition sweep = Definition();
        // The study first: where one process must own it, a second is refused before it reads any audio.
        using Study study = sweep.OpenStudy();
        using var runner = new TrialRunner(sweep, cancellation);
        study.Identify(sweep.Settings.Study, runner.Identity());
        _runner = runner;
        try
        {
            return work(study, runner);
        }
        finally
        {
            _runner = null;
        }
    }
}
