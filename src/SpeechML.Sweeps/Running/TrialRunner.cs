using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.Interop;
using SpeechML.Sweeps.Studies;
using SpeechML.Tasks;
using SpeechML.Training;
using SpeechML.Training.Caching;
using TorchSharp;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// Runs trials in this process: reads the data, fits on as many threads as there are trials at a time, and keeps the
/// best models. The study decides what runs; it may be in this process or elsewhere.
/// </summary>
internal sealed class TrialRunner : IDisposable
{
    private const int MaxAttempts = 10; // to read the best model's checkpoint while others read it
    private readonly SweepDefinition _sweep;
    private readonly SweepData _data;
    private readonly ActivationCache _work;
    private readonly Dictionary<int, (int Run, ITransformer Model)> _models = [];
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();
    private volatile SweepWorker? _worker;
    private Study? _local;
    private int _ended;

    /// <summary>Fits the preprocessing of each fold and reads the audio.</summary>
    public TrialRunner(SweepDefinition sweep, CancellationToken cancellation)
    {
        _sweep = sweep;
        long memory = sweep.Pipeline.Defaults.Cache.Memory * (1L << 20);
        _data = new SweepData(sweep.Host, sweep.Pipeline.Preprocessing, sweep.Dataset, sweep.Pipeline.AudioColumnName,
            sweep.Pipeline.LabelColumnName, sweep.Settings.Seed, memory, cancellation);
        _work = new ActivationCache(memory, ActivationCacheFolder.Open(sweep.Pipeline.Defaults.Encoding));
    }

    /// <summary>The study's identity, by name, with hashes of the data.</summary>
    public Dictionary<string, string> Identity()
    {
        Dictionary<string, string> identity = _sweep.Identity();
        identity["audio (SHA-256)"] = _data.Hash;
        identity["augmentation"] = _data.Augmentation;
        identity["labels (SHA-256)"] = string.Join(' ', _data.Folds.Select(
            f => $"{_sweep.Pipeline.HashTargets(f.Train())} {_sweep.Pipeline.HashTargets(f.Validation)}"));
        return identity;
    }

    /// <summary>Cancels one trial, running or yet to be resumed.</summary>
    public void Cancel(int trial) => _worker?.Cancel(trial);

    /// <summary>Runs a study's trials until the limits are reached or there are none.</summary>
    /// <returns>How many trials ended here.</returns>
    /// <exception cref="OperationCanceledException">The sweep was cancelled; it can be resumed.</exception>
    public int Work(IStudy study, CancellationToken cancellation)
    {
        _local = study as Study;
        if (_local is not null && _sweep.Settings.Progress is SweepTable table)
        {
            table.Begin([.. _local.Trials.Select(t => t.Snapshot())], _local.Best?.Snapshot(),
                _sweep.Settings.MaxTrials, _sweep.Settings.Metric);
        }
        using IChannel channel = _sweep.Host.Start("Sweep");
        if (_sweep.Settings.MaxTrials is { } max && _sweep.Settings.Tuner.Doubt(max) is { } doubt)
        {
            channel.Warning("{0}", doubt);
        }
        _ended = 0;
        _clock.Restart();
        var worker = new SweepWorker(study, _sweep, this);
        _worker = worker;
        int ended = OnThreads(worker.Work, cancellation);
        channel.Info("{0} trials ended here; frozen parts: {1} batches computed, {2} shared", ended, _work.Misses,
            _work.Hits);
        return ended;
    }

    /// <summary>Fits one run of a trial.</summary>
    public ITransformer Fit(TrialRun run, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
        _sweep.Pipeline.Fit(_sweep.Pipeline.OptionsOf(run), _sweep.Settings.Metric, _data.Folds[run.Fold],
            new FitContext(progress, _work, cancellation) { Resumable = run.Resumable });

    /// <summary>
    /// Fits options that another library chose, once on every fold. Options that have no effect are first reset,
    /// because such tuners know no conditions.
    /// </summary>
    /// <param name="options">The options, which are changed.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Preprocessing and model in one, of several folds the best one's, and the mean of the metric over the
    /// folds.</returns>
    public (ITransformer Model, double Value) Fit(SpeechTrainingOptions options, CancellationToken cancellation)
    {
        SweepSpace.ResetUnused(options);
        var plan = new RunPlan(_sweep.Settings.Metric, 1, _data.Folds.Count, ContextSeed.Of(_sweep.Host, options.Seed),
            options.EarlyStopping.KeepBest);
        (ITransformer Model, double Loss, SweepFold Fold)? best = null;
        double sum = 0;
        try
        {
            foreach (SweepFold fold in _data.Folds)
            {
                var record = new RunRecord(plan);
                var observer = new StepObserver(step =>
                {
                    if (EpochEnded.Of(1, 0, step) is { } epoch)
                    {
                        record.Add(epoch);
                    }
                });
                ITransformer model = _sweep.Pipeline.Fit(
                    options, plan.Metric, fold, new FitContext(observer, _work, cancellation));
                double value = Value(record, model);
                double loss = plan.Loss(value);
                sum += value;
                bool better = best is null || loss < best.Value.Loss;
                ((better ? best?.Model : model) as IDisposable)?.Dispose();
                best = better ? (model, loss, fold) : best;
            }
        }
        catch
        {
            (best?.Model as IDisposable)?.Dispose();
            throw;
        }
        return (Whole(best!.Value.Fold, best.Value.Model), sum / _data.Folds.Count);
    }

    /// <summary>Reports a trial that was taken, ended an epoch, or ended; on the training thread.</summary>
    public void Changed(TrialRecord trial) => _sweep.Settings.Progress?.Report(
        _local?.Progress(trial, _clock.Elapsed)
        ?? new SweepProgress(trial.Snapshot(), null, Volatile.Read(ref _ended), _clock.Elapsed));

    /// <summary>
    /// Keeps the model of a trial that ended while it is among the best. A worker of a study elsewhere keeps none:
    /// checkpoints are where all can read them.
    /// </summary>
    public void Ended(TrialRecord trial, (int Run, ITransformer Model)? model)
    {
        _ = Interlocked.Increment(ref _ended);
        lock (_gate)
        {
            if (model is { } fitted)
            {
                _models[trial.Number] = fitted;
            }
            HashSet<int> kept = _local?.Kept() ?? [];
            foreach (int number in _models.Keys.Where(n => !kept.Contains(n)).ToArray())
            {
                (_models[number].Model as IDisposable)?.Dispose();
                _models.Remove(number);
            }
        }
    }

    /// <summary>The outcome, with the best trial's model: the one kept, or that of its last checkpoint.</summary>
    /// <exception cref="InvalidOperationException">All trials failed.</exception>
    /// <exception cref="TimeoutException">No trial finished in the training time.</exception>
    public SweepResult Result(
        TrialRecord? best, IReadOnlyList<TrialRecord> trials, CancellationToken cancellation)
    {
        if (best is null)
        {
            throw NothingFinished(trials);
        }
        int run = Enumerable.Range(0, best.Runs.Length)
            .MinBy(i => _sweep.Plan.Loss(best.Runs[i].Value!.Value));
        if (!_models.TryGetValue(best.Number, out (int Run, ITransformer Model) kept) || kept.Run != run)
        {
            ITransformer model = Load(TrialRun.Of(best, run, _sweep.Plan, _sweep.Folders), cancellation);
            (kept.Model as IDisposable)?.Dispose();
            _models[best.Number] = (run, model);
        }
        var models = _models.ToDictionary(
            m => m.Key, m => (ITransformer)Whole(_data.Folds[_sweep.Plan.FoldOf(m.Value.Run)], m.Value.Model));
        _models.Clear();
        return new SweepResult(_sweep.Settings.Metric, _sweep.Dataset.Folds, best.Snapshot(),
            [.. trials.Select(t => t.Snapshot())], models);
    }

    public void Dispose()
    {
        foreach ((int _, ITransformer model) in _models.Values)
        {
            (model as IDisposable)?.Dispose();
        }
        _models.Clear();
        _work.Dispose();
        _data.Dispose();
    }

    private static TransformerChain<ITransformer> Whole(SweepFold fold, ITransformer model) =>
        new(fold.Preprocessing, model);

    private static double Value(RunRecord record, ITransformer model)
    {
        try
        {
            return record.FinalValue();
        }
        catch
        {
            (model as IDisposable)?.Dispose();
            throw;
        }
    }

    private static Exception NothingFinished(IReadOnlyList<TrialRecord> trials)
    {
        TrialRecord? failed = trials.FirstOrDefault(t => t.State == SweepTrialState.Failed);
        return failed is null
            ? new TimeoutException(
                $"Sweep: expected at least one trial to finish, got none of {trials.Count} begun in the time given.")
            : new InvalidOperationException(
                $"Sweep: expected at least one trial to finish, got none of {trials.Count}; trial {failed.Number} " +
                $"failed with {failed.Error}");
    }

    /// <summary>
    /// The model of a fit that has ended, from its last checkpoint; other processes may be reading it too.
    /// </summary>
    private ITransformer Load(TrialRun run, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            TrialFolders.WaitUntilFree(run.CheckpointFolder, cancellation);
            try
            {
                return Fit(run, new StepObserver(_ => { }), cancellation);
            }
            catch (IOException) when (run.CheckpointFolder.Length > 0 && attempt < MaxAttempts)
            {
                cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20 * attempt));
            }
        }
    }

    /// <summary>Works on as many threads as there are trials at a time, which share torch's threads.</summary>
    private int OnThreads(Func<CancellationToken, int> work, CancellationToken cancellation)
    {
        int parallel = _sweep.Settings.Parallel;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (_sweep.Settings.Time is { } time)
        {
            stop.CancelAfter(time);
        }
        int One()
        {
            try
            {
                return work(stop.Token);
            }
            catch
            {
                // A failure outside the trials (the log cannot be written) stops the other threads as well.
                stop.Cancel();
                throw;
            }
        }
        int threads = torch.get_num_threads();
        int ended;
        try
        {
            if (parallel == 1)
            {
                ended = One();
            }
            else
            {
                torch.set_num_threads(Math.Max(1, threads / parallel));
                Task<int>[] workers = [.. Enumerable.Range(0, parallel)
                    .Select(_ => Task.Factory.StartNew(One, CancellationToken.None, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default))];
                ended = Task.WhenAll(workers).GetAwaiter().GetResult().Sum();
            }
        }
        finally
        {
            torch.set_num_threads(threads);
        }
        cancellation.ThrowIfCancellationRequested();
        return ended;
    }
}
