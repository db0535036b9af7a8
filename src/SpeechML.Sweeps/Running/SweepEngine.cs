using System.Diagnostics;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// A study and a worker in one process: as many threads as there are trials at a time, the best models kept.
/// </summary>
internal sealed class SweepEngine : ISweepWatch, IDisposable
{
    private const int MostAttempts = 10; // to read the best model's checkpoint while others read it
    private readonly Study _study;
    private readonly SweepWorker _worker;
    private readonly RunPlan _plan;
    private readonly SweepLimits _limits;
    private readonly FitTrial _fit;
    private readonly IProgress<SweepProgress>? _progress;
    private readonly Dictionary<int, (int Run, ITransformer Model)> _models = [];
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();

    public SweepEngine(Study study, RunPlan plan, SweepLimits limits, TrialFolders folders, FitTrial fit, string name,
        IProgress<SweepProgress>? progress)
    {
        _study = study;
        _plan = plan;
        _limits = limits;
        _fit = fit;
        _progress = progress;
        _worker = new SweepWorker(study, plan, folders, fit, this, name);
    }

    /// <summary>Ends one trial, running or yet to be gone on with.</summary>
    public void Cancel(int trial) => _worker.Cancel(trial);

    /// <summary>Runs trials until the limits are reached or the tuner has none.</summary>
    /// <returns>How many came to their end here.</returns>
    /// <exception cref="OperationCanceledException">The whole sweep was cancelled; it can be gone on with.</exception>
    public int Run(CancellationToken cancellation)
    {
        _clock.Restart();
        return _limits.Run(_worker.Work, cancellation);
    }

    /// <summary>The model of the best trial's best run: the one that is kept, or its last checkpoint's.</summary>
    public ITransformer BestModel(CancellationToken cancellation)
    {
        TrialRecord best = _study.Best!;
        int run = BestRun(best, _plan);
        if (!_models.TryGetValue(best.Number, out (int Run, ITransformer Model) kept) || kept.Run != run)
        {
            ITransformer model = Fit(_fit, _worker.RunOf(best, run), cancellation);
            (kept.Model as IDisposable)?.Dispose();
            _models[best.Number] = kept = (run, model);
        }
        return kept.Model;
    }

    /// <summary>The models kept, by trial; they are the caller's from now on.</summary>
    public Dictionary<int, ITransformer> HandOver()
    {
        var models = _models.ToDictionary(m => m.Key, m => m.Value.Model);
        _models.Clear();
        return models;
    }

    public void Dispose()
    {
        foreach ((int _, ITransformer model) in _models.Values)
        {
            (model as IDisposable)?.Dispose();
        }
        _models.Clear();
    }

    void ISweepWatch.Changed(TrialRecord trial) => _progress?.Report(_study.Progress(trial, _clock.Elapsed));

    /// <summary>Lets go of the models of all but the best trials.</summary>
    void ISweepWatch.Ended(TrialRecord trial, (int Run, ITransformer Model)? model)
    {
        lock (_gate)
        {
            if (model is { } fitted)
            {
                _models[trial.Number] = fitted;
            }
            HashSet<int> kept = _study.Kept();
            foreach (int number in _models.Keys.Where(n => !kept.Contains(n)).ToArray())
            {
                (_models[number].Model as IDisposable)?.Dispose();
                _models.Remove(number);
            }
        }
    }

    /// <summary>The run of a trial whose model is the best.</summary>
    public static int BestRun(TrialRecord trial, RunPlan plan) =>
        Enumerable.Range(0, trial.Runs.Length).MinBy(i => plan.Loss(trial.Runs[i].Value!.Value));

    /// <summary>
    /// The model of a run that has ended, from its last checkpoint; other processes may be reading it too.
    /// </summary>
    public static ITransformer Fit(FitTrial fit, TrialRun run, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            TrialFolders.WaitUntilFree(run.CheckpointFolder, cancellation);
            try
            {
                return fit(run, new StepObserver(_ => { }), cancellation);
            }
            catch (IOException) when (run.CheckpointFolder.Length > 0 && attempt < MostAttempts)
            {
                cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20 * attempt));
            }
        }
    }
}
