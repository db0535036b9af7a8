using System.Diagnostics;
using Microsoft.ML;
using SpeechML.Training;

namespace SpeechML.Sweeps;

/// <summary>How much a sweep may do.</summary>
/// <param name="Trials">Trials in all; <see langword="null"/> for as many as the tuner has.</param>
/// <param name="Time">Time of this process; <see langword="null"/> for as long as it takes.</param>
/// <param name="Parallel">Trials at a time.</param>
/// <param name="Models">Models kept.</param>
internal sealed record SweepLimits(int? Trials, TimeSpan? Time, int Parallel, int Models);

/// <summary>
/// Runs the trials of a study: begins them as the tuner says, logs what happens before anything follows from it, stops those that the pruner gives up, and goes on with what a
/// killed process has left. A trial's own failure ends that trial only.
/// </summary>
internal sealed class SweepEngine : IDisposable
{
    private readonly ParameterSpace _space;
    private readonly RunPlan _plan;
    private readonly SweepLimits _limits;
    private readonly SweepTuner _tuner;
    private readonly SweepPruner _pruner;
    private readonly int _seed;
    private readonly StudyLog _log;
    private readonly TrialFolders _folders;
    private readonly FitTrial _fit;
    private readonly IProgress<SweepProgress>? _progress;
    private readonly StudyState _state;
    private readonly Queue<TrialRecord> _begun;
    private readonly Dictionary<int, (int Run, ITransformer Model)> _models = [];
    private readonly Dictionary<int, CancellationTokenSource> _running = [];
    private readonly HashSet<int> _cancelled = [];
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();

    public SweepEngine(ParameterSpace space, RunPlan plan, SweepLimits limits, SweepTuner tuner, SweepPruner pruner, int seed, StudyLog log, TrialFolders folders, FitTrial fit, IProgress<SweepProgress>? progress)
    {
        _space = space;
        _plan = plan;
        _limits = limits;
        _tuner = tuner;
        _pruner = pruner;
        _seed = seed;
        _log = log;
        _folders = folders;
        _fit = fit;
        _progress = progress;
        _state = new StudyState(space, plan);
        foreach (StudyEvent entry in log.Events)
        {
            _state.Apply(entry);
        }
        _begun = new Queue<TrialRecord>(_state.Trials.Where(t => t.State == SweepTrialState.Running));
    }

    /// <summary>Fits one run; the observer may throw to end it.</summary>
    internal delegate ITransformer FitTrial(TrialRun run, IProgress<TrainingProgress> progress, CancellationToken cancellation);

    /// <summary>All trials, by number.</summary>
    public IReadOnlyList<TrialRecord> Trials => _state.Trials;

    /// <summary>The best trial that has finished; of equals, the first.</summary>
    public TrialRecord? Best => Ranked().FirstOrDefault();

    /// <summary>Ends one trial, running or yet to be gone on with.</summary>
    public void Cancel(int trial)
    {
        lock (_gate)
        {
            _cancelled.Add(trial);
            if (_running.TryGetValue(trial, out CancellationTokenSource? source))
            {
                source.Cancel();
            }
        }
    }

    /// <summary>Runs trials until the limits are reached or the tuner has none.</summary>
    /// <exception cref="OperationCanceledException">The whole sweep was cancelled; it can be gone on with.</exception>
    public void Run(CancellationToken cancellation)
    {
        _clock.Restart();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (_limits.Time is { } time)
        {
            stop.CancelAfter(time);
        }
        if (_limits.Parallel == 1)
        {
            Work(stop);
        }
        else
        {
            Task[] workers = [.. Enumerable.Range(0, _limits.Parallel).Select(_ => Task.Factory.StartNew(() => Work(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Task.WhenAll(workers).GetAwaiter().GetResult();
        }
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The model of the best trial's best run: the one that is kept, or its last checkpoint's.</summary>
    public ITransformer BestModel(CancellationToken cancellation)
    {
        TrialRecord best = Best!;
        int run = BestRun(best);
        if (!_models.TryGetValue(best.Number, out (int Run, ITransformer Model) kept) || kept.Run != run)
        {
            ITransformer model = _fit(RunOf(best, run), new StepObserver(_ => { }), cancellation);
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

    private void Work(CancellationTokenSource stop)
    {
        try
        {
            while (Next(stop.Token) is { } trial)
            {
                RunTrial(trial, stop.Token);
            }
        }
        catch
        {
            // What is no trial's own failure (the log cannot be written) ends the others as well.
            stop.Cancel();
            throw;
        }
    }

    private TrialRecord? Next(CancellationToken stop)
    {
        lock (_gate)
        {
            if (stop.IsCancellationRequested)
            {
                return null;
            }
            if (_begun.TryDequeue(out TrialRecord? begun))
            {
                return begun;
            }
            int count = _state.Trials.Count;
            if (count >= _limits.Trials || _tuner.Suggest(_space, _state.Observations(), count, _seed) is not { } point)
            {
                return null;
            }
            Record(new TrialBegun(count + 1, _space.Parameters.Where(p => point.Has(p.Name)).ToDictionary(p => p.Name, p => p.ToJson(point[p.Name]), StringComparer.Ordinal)));
            return _state.Trials[count];
        }
    }

    private void RunTrial(TrialRecord trial, CancellationToken stop)
    {
        using var own = CancellationTokenSource.CreateLinkedTokenSource(stop);
        lock (_gate)
        {
            _running[trial.Number] = own;
            if (_cancelled.Contains(trial.Number))
            {
                own.Cancel();
            }
        }
        var clock = Stopwatch.StartNew();
        (int Run, ITransformer Model)? best = null;
        SweepTrialState state = SweepTrialState.Finished;
        string? error = null;
        try
        {
            Report(trial);
            best = FitRuns(trial, own.Token);
        }
        catch (TrialPrunedException)
        {
            state = SweepTrialState.Pruned;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It stays begun in the log: the next process goes on with it.
            return;
        }
        catch (OperationCanceledException) when (own.IsCancellationRequested)
        {
            state = SweepTrialState.Cancelled;
        }
        catch (Exception e) when (e is not StudyLogException)
        {
            state = SweepTrialState.Failed;
            error = $"{e.GetType().Name}: {e.Message}";
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(trial.Number);
            }
        }
        lock (_gate)
        {
            Record(new TrialEnded(trial.Number, state, clock.Elapsed.TotalSeconds, error));
            if (best is { } fitted)
            {
                _models[trial.Number] = fitted;
            }
            KeepBest();
        }
        Report(trial);
    }

    /// <summary>The model of the best run, of those that this process fitted.</summary>
    private (int Run, ITransformer Model)? FitRuns(TrialRecord trial, CancellationToken cancellation)
    {
        (int Run, ITransformer Model)? best = null;
        try
        {
            for (int i = 0; i < trial.Runs.Length; i++)
            {
                RunRecord run = trial.Runs[i];
                if (run.Value is not null)
                {
                    continue;
                }
                cancellation.ThrowIfCancellationRequested();
                if (i == 0)
                {
                    // A process killed between an epoch's line and the trial's end has left the decision open.
                    StopIfPoor(trial);
                }
                TrialRun request = RunOf(trial, i);
                DropUnlogged(request.CheckpointFolder, run);
                int number = i;
                ITransformer model = _fit(request, new StepObserver(step => EpochDone(trial, number, step)), cancellation);
                if (double.IsNaN(run.ValueNow))
                {
                    (model as IDisposable)?.Dispose();
                    throw new InvalidOperationException($"Metric {_plan.Metric}: expected a number for the validation data, got none; a class may have no clip in it, or the task has no such figure.");
                }
                lock (_gate)
                {
                    Record(new RunEnded(trial.Number, i, run.ValueNow));
                }
                if (best is { } other && _plan.Loss(trial.Runs[other.Run].Value!.Value) <= _plan.Loss(run.Value!.Value))
                {
                    (model as IDisposable)?.Dispose();
                    continue;
                }
                (best?.Model as IDisposable)?.Dispose();
                best = (i, model);
            }
            return best;
        }
        catch
        {
            (best?.Model as IDisposable)?.Dispose();
            throw;
        }
    }

    private void EpochDone(TrialRecord trial, int run, TrainingProgress step)
    {
        RunRecord record = trial.Runs[run];
        if (step.EpochLoss is not { } loss || step.Validation is not { } validation || step.Epoch <= record.Epochs.Count)
        {
            return;
        }
        lock (_gate)
        {
            Record(new EpochEnded(trial.Number, run, step.Epoch, step.Epochs, step.Step, loss, validation, step.BestEpoch, step.Elapsed.TotalSeconds, Environment.WorkingSet));
        }
        Report(trial);
        if (run == 0)
        {
            StopIfPoor(trial);
        }
    }

    /// <summary>Lets the pruner decide by the trial's first run.</summary>
    private void StopIfPoor(TrialRecord trial)
    {
        lock (_gate)
        {
            RunRecord run = trial.Runs[0];
            if (run.Epochs.Count > 0
                && run.Epochs[^1] is var last
                && last.Epoch < last.Epochs
                && _pruner.ShouldStop(last.Epoch, _plan.Loss(run.ValueNow), _state.LossesAt(last.Epoch)))
            {
                throw new TrialPrunedException();
            }
        }
    }

    /// <summary>A checkpoint is written before its epoch is logged: what a killed process had not logged is done again.</summary>
    private static void DropUnlogged(string folder, RunRecord run)
    {
        if (folder.Length > 0)
        {
            TrainingCheckpoints.DeleteFrom(folder, run.Epochs.Count == 0 ? 0 : run.Epochs[^1].Step / run.Epochs.Count * (run.Epochs.Count + 1));
        }
    }

    private TrialRun RunOf(TrialRecord trial, int run) => new(trial.Point, _plan.SeedOf(run), _plan.FoldOf(run), _folders.Of(trial.Number, run), _plan.Metric);

    private int BestRun(TrialRecord trial) => Enumerable.Range(0, trial.Runs.Length).MinBy(i => _plan.Loss(trial.Runs[i].Value!.Value));

    private IEnumerable<TrialRecord> Ranked() => _state.Trials.Where(t => t.State == SweepTrialState.Finished).OrderBy(t => _plan.Loss(t.Value));

    /// <summary>Lets go of models and checkpoints of all but the best trials.</summary>
    private void KeepBest()
    {
        HashSet<int> kept = [.. Ranked().Take(_limits.Models).Select(t => t.Number)];
        foreach (int number in _models.Keys.Where(n => !kept.Contains(n)).ToArray())
        {
            (_models[number].Model as IDisposable)?.Dispose();
            _models.Remove(number);
        }
        foreach (TrialRecord ended in _state.Ended.Where(t => !kept.Contains(t.Number)))
        {
            _folders.Delete(ended.Number);
        }
    }

    /// <summary>Logs an event; nothing follows from it before it is on the disk.</summary>
    private void Record(StudyEvent entry)
    {
        entry = entry with { At = DateTime.UtcNow };
        _log.Append(entry);
        _state.Apply(entry);
    }

    private void Report(TrialRecord trial)
    {
        if (_progress is null)
        {
            return;
        }
        SweepProgress report;
        lock (_gate)
        {
            report = new SweepProgress(trial.Snapshot(), Best?.Snapshot(), _state.Ended.Count, _clock.Elapsed);
        }
        _progress.Report(report);
    }

    /// <summary>Reports on the training thread.</summary>
    private sealed class StepObserver(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    /// <summary>Ends a fit that the pruner gives up.</summary>
    private sealed class TrialPrunedException : Exception;
}
