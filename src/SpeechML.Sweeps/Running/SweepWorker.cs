using System.Diagnostics;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Sweeps.Running;

/// <summary>Fits one run; the observer may throw to end it.</summary>
internal delegate ITransformer FitTrial(
    TrialRun run, IProgress<TrainingProgress> progress, CancellationToken cancellation);

/// <summary>
/// What runs trials: takes them from a study, trains, reports every epoch, and does what the study says. A trial's own
/// failure ends that trial only; one that turns out to be another
/// worker's is dropped without a word. May be used by several threads, each with a trial of its own.
/// </summary>
internal sealed class SweepWorker
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);
    private readonly IStudy _study;
    private readonly RunPlan _plan;
    private readonly TrialFolders _folders;
    private readonly FitTrial _fit;
    private readonly ISweepWatch _watch;
    private readonly string _name;
    private readonly Dictionary<int, CancellationTokenSource> _running = [];
    private readonly HashSet<int> _cancelled = [];
    private readonly Lock _gate = new();
    private int _taken;

    /// <param name="study">What decides.</param>
    /// <param name="plan">The runs of each trial.</param>
    /// <param name="folders">Where their checkpoints go.</param>
    /// <param name="fit">Fits one of them.</param>
    /// <param name="watch">Told what happens.</param>
    /// <param name="name">The worker's name, for people to read.</param>
    public SweepWorker(IStudy study, RunPlan plan, TrialFolders folders, FitTrial fit, ISweepWatch watch, string name)
    {
        _study = study;
        _plan = plan;
        _folders = folders;
        _fit = fit;
        _watch = watch;
        // A worker that is started again under its name is another.
        _name = $"{name} {Guid.NewGuid():N}"[..Math.Min(name.Length + 9, 100)];
    }

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

    /// <summary>Runs trials until there are none, or it is stopped.</summary>
    /// <returns>How many came to their end here.</returns>
    public int Work(CancellationToken stop)
    {
        int ended = 0;
        while (!stop.IsCancellationRequested)
        {
            StudyTurn turn = _study.Take(FormattableString.Invariant($"{_name}/{Interlocked.Increment(ref _taken)}"));
            if (turn.Hold is { } hold)
            {
                ended += RunTrial(hold, stop) ? 1 : 0;
            }
            else if (turn.IsDone)
            {
                break;
            }
            else
            {
                stop.WaitHandle.WaitOne(
                    _study.RenewEvery is { } every && every < s_longestPause ? every : s_longestPause);
            }
        }
        return ended;
    }

    /// <summary>What a run of a trial is to fit.</summary>
    public TrialRun RunOf(TrialRecord trial, int run) => TrialRun.Of(trial, run, _plan, _folders);

    private bool RunTrial(TrialHold hold, CancellationToken stop)
    {
        int number = hold.Trial.Number;
        using var own = CancellationTokenSource.CreateLinkedTokenSource(stop);
        lock (_gate)
        {
            _running[number] = own;
            if (_cancelled.Contains(number))
            {
                own.Cancel();
            }
        }
        var clock = Stopwatch.StartNew();
        (int Run, ITransformer Model)? best = null;
        SweepTrialState state = SweepTrialState.Finished;
        string? error = null;
        bool lost = false;
        try
        {
            using var renewal = new LeaseRenewal(_study, hold, own);
            try
            {
                _watch.Changed(hold.Trial);
                best = FitRuns(hold, own.Token);
            }
            catch (TrialPrunedException)
            {
                state = SweepTrialState.Pruned;
            }
            catch (TrialLostException)
            {
                lost = true;
            }
            catch (OperationCanceledException) when (renewal.IsLost)
            {
                lost = true;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // It stays begun in the log: another process, or the next, goes on with it.
                _study.Release(hold);
                lost = true;
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
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(number);
            }
        }
        return !lost && End(hold, new TrialEnded(number, state, clock.Elapsed.TotalSeconds, error), best);
    }

    private bool End(TrialHold hold, TrialEnded end, (int Run, ITransformer Model)? model)
    {
        IReadOnlyList<int> dropped;
        try
        {
            dropped = _study.End(hold, end);
        }
        catch (Exception e)
        {
            (model?.Model as IDisposable)?.Dispose();
            if (e is TrialLostException)
            {
                return false;
            }
            throw;
        }
        _watch.Ended(hold.Trial, model);
        foreach (int trial in dropped)
        {
            _folders.Delete(trial);
        }
        _watch.Changed(hold.Trial);
        return true;
    }

    /// <summary>The model of the best run, of those that this process fitted.</summary>
    private (int Run, ITransformer Model)? FitRuns(TrialHold hold, CancellationToken cancellation)
    {
        (int Run, ITransformer Model)? best = null;
        TrialRecord trial = hold.Trial;
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
                if (i == 0 && !hold.GoOn)
                {
                    // A process killed between an epoch's line and the trial's end has left the decision open.
                    throw new TrialPrunedException();
                }
                TrialRun request = RunOf(trial, i);
                DropUnlogged(request.CheckpointFolder, run, cancellation);
                int number = i;
                ITransformer model = _fit(
                    request, new StepObserver(step => EpochDone(hold, number, step)), cancellation);
                try
                {
                    _study.Report(hold, new RunEnded(trial.Number, i, run.FinalValue()));
                }
                catch
                {
                    (model as IDisposable)?.Dispose();
                    throw;
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

    private void EpochDone(TrialHold hold, int run, TrainingProgress step)
    {
        RunRecord record = hold.Trial.Runs[run];
        if (step.Epoch <= record.Epochs.Count || EpochEnded.Of(hold.Trial.Number, run, step) is not { } epoch)
        {
            return;
        }
        bool goOn = _study.Report(hold, epoch);
        _watch.Changed(hold.Trial);
        if (!goOn)
        {
            throw new TrialPrunedException();
        }
    }

    /// <summary>
    /// A checkpoint is written before its epoch is logged: what a killed process had not logged is done again.
    /// </summary>
    private static void DropUnlogged(string folder, RunRecord run, CancellationToken cancellation)
    {
        if (folder.Length > 0)
        {
            TrialFolders.WaitUntilFree(folder, cancellation);
            TrainingCheckpoints.DeleteFrom(
                folder, run.Epochs.Count == 0 ? 0 : run.Epochs[^1].Step / run.Epochs.Count * (run.Epochs.Count + 1));
        }
    }

    /// <summary>Ends a fit that the pruner gives up.</summary>
    private sealed class TrialPrunedException : Exception;
}

/// <summary>Reports on the training thread.</summary>
internal sealed class StepObserver(Action<TrainingProgress> report) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => report(value);
}
