using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using SpeechML.AutoML;
using SpeechML.Sweeps.Running;
using SpeechML.Training;
using SpeechML.Training.Losses;

namespace SpeechML;

/// <summary>
/// What the trials of an AutoML experiment share: the search space that the options' class declares, preprocessed data
/// whose audio is read once, and the work of frozen layers. Give it to
/// <c>experiment.SetSpeechTrials(...)</c>. The model of the best trial stays usable; those of others are freed when the
/// next trial ends.
/// </summary>
/// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
/// <typeparam name="TTransformer">What the trainer gives.</typeparam>
public sealed class SpeechTrials<TOptions, TTransformer> : IDisposable
    where TOptions : SpeechTrainingOptions, new()
    where TTransformer : ITransformer
{
    private readonly TrialRunner _trials;
    private readonly SpeechMetric _metric;
    private (ITransformer Model, double Loss)? _best;
    private ITransformer? _last;

    /// <param name="mlContext">The context.</param>
    /// <param name="preprocessing">What comes before the trainer, fitted once: nothing that learns from labels.</param>
    /// <param name="trainer">Makes the trainer: <c>options =>
    /// mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options)</c>.</param>
    /// <param name="defaults">What holds for every trial; the encoder, at least.</param>
    /// <param name="trainData">What is learned from, as it comes before the preprocessing.</param>
    /// <param name="validationData">What every epoch is evaluated on.</param>
    /// <param name="metric">The metric that trials are compared by, of the epoch whose weights the model has; ROC AUC
    /// where
    /// <see langword="null"/>.</param>
    /// <param name="options">Names of the options that vary, <c>Lora</c> for all within it; without names all that are
    /// declared.</param>
    /// <exception cref="ArgumentException">An option declares no range.</exception>
    public SpeechTrials(
        MLContext mlContext,
        IEstimator<ITransformer> preprocessing,
        Func<TOptions, SpeechTrainer<TTransformer>> trainer,
        TOptions defaults,
        IDataView trainData,
        IDataView validationData,
        SpeechMetric? metric = null,
        params string[] options)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(trainData);
        ArgumentNullException.ThrowIfNull(validationData);
        SearchSpace = DeclaredSearchSpace.Of(defaults, options);
        _metric = metric ?? SpeechMetrics.RocAuc;
        _trials = new TrialRunner(
            new SweepDefinition(
                ((IHostEnvironment)mlContext).Register(nameof(SpeechTrials<,>)),
                TrialPipeline.Create(preprocessing, defaults, trainer),
                new SweepDataset(trainData, validationData, null, 1), new SweepSettings { Metric = _metric }),
            default);
    }

    /// <summary>The search space, from which options may be taken out before the experiment runs.</summary>
    public SearchSpace<TOptions> SearchSpace { get; }

    /// <summary>A runner for one trial.</summary>
    public ITrialRunner CreateRunner() => new Runner(this);

    /// <summary>Frees the data, not the best model.</summary>
    public void Dispose() => _trials.Dispose();

    private TrialResult Run(TrialSettings settings, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        ITransformer model;
        double value;
        try
        {
            (model, value) =
                _trials.Fit(settings.Parameter[SpeechTrialNames.SearchSpace].AsType<TOptions>(), cancellation);
        }
        catch (Exception e) when (e is OutOfMemoryException || TrainingLoop.IsDivergence(e))
        {
            // While there is no best trial, AutoML ends an experiment with what a trial throws.
            return new TrialResult { TrialSettings = settings, Loss = double.MaxValue, Metric = double.NaN,
                DurationInMilliseconds = clock.Elapsed.TotalMilliseconds };
        }
        double loss = _metric.LowerIsBetter ? value : -value;
        // An observer of the experiment may use a model until the next one is there.
        ITransformer? previous = _last;
        _last = model;
        ITransformer? dropped = previous;
        if (_best is not { } best || loss < best.Loss)
        {
            dropped = _best?.Model == previous ? previous : _best?.Model;
            _best = (model, loss);
        }
        if (dropped is not null && dropped != _best?.Model)
        {
            (dropped as IDisposable)?.Dispose();
        }
        return new TrialResult { TrialSettings = settings, Model = model, Loss = loss, Metric = value,
            DurationInMilliseconds = clock.Elapsed.TotalMilliseconds };
    }

    /// <summary>The experiment makes and disposes of one for each trial.</summary>
    private sealed class Runner(SpeechTrials<TOptions, TTransformer> trials) : ITrialRunner
    {
        public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct) =>
            Task.Run(() => trials.Run(settings, ct), ct);

        public void Dispose()
        {
        }
    }
}
