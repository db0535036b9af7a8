using System.Diagnostics;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.Training;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// Runs trials: asks the study for one, trains, reports every epoch, and obeys the study. An exception fails only its
/// trial. If the lease was lost, the trial is abandoned silently. May be used by several threads, one trial each.
/// </summary>
internal sealed class SweepWorker
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);
    private readonly IStudy _study;
    private readonly RunPlan _plan;
    private readonly TrialFolders _folders;
    private readonly TrialRunner _runner;
    private readonly string _name;
    private readonly Dictionary<int, CancellationTokenSource> _running = [];
    private readonly HashSet<int> _cancelled = [];
    private readonly Lock _gate = new();
    private int _taken;

    /// <param name="study">Decides what runs.</param>
    /// <param name="sweep">The fits of each trial, and the folders of their checkpoints.</param>
    /// <param name="runner">Fits, and is told what happens.</param>
    public SweepWorker(IStudy study, SweepDefinition sweep, TrialRunner runner)
    {
        _study = study;
        _plan = sweep.Plan;
        _folders = sweep.Folders;
        _runner = runner;
        // A worker that is restarted under its name is a different one.
        _name = $"{sweep.Worker} {Guid.NewGuid():N}"[..Math.Min(sweep.Worker.Length + 9, 100)];
    }

    /// <summary>Cancels one trial, running or yet to be resumed.</summary>
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
            NextTrial next = _study.AskForTrial(
                FormattableString.Invariant($"{_name}/{Interlocked.Increment(ref _taken)}"));
            if (next.Lease is { } lease)
            {
                ended += RunTrial(lease, stop) ? 1 : 0;
            }
            else if (next.IsDone)
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

    private bool RunTrial(TrialLease lease, CancellationToken stop)
    {
        int number = lease.Trial.Number;
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
            using var renewal = new LeaseRenewal(_study, lease, own);
            try
            {
                _runner.Changed(lease.Trial);
                best = FitRuns(lease, own.Token);
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
                // The trial stays unfinished in the log: another process, or the next one, resumes it.
                _study.Release(lease);
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
        return !lost && End(lease, new TrialEnded(number, state, clock.Elapsed.TotalSeconds, error), best);
    }

    private bool End(TrialLease lease, TrialEnded end, (int Run, ITransformer Model)? model)
    {
        IReadOnlyList<int> dropped;
        try
        {
            dropped = _study.End(lease, end);
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
        _runner.Ended(lease.Trial, model);
        foreach (int trial in dropped)
        {
            _folders.Delete(trial);
        }
        _runner.Changed(lease.Trial);
        return true;
    }

    /// <summary>The model of the best run, of those that this process fitted.</summary>
    private (int Run, ITransformer Model)? FitRuns(TrialLease lease, CancellationToken cancellation)
    {
        (int Run, ITransformer Model)? best = null;
        TrialRecord trial = lease.Trial;
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
                if (i == 0 && !lease.IsWorthResuming)
                {
                    // A process killed between an epoch's line and the trial's end has left the decision open.
                    throw new TrialPrunedException();
                }
                TrialRun request = TrialRun.Of(trial, lease.Number, i, _plan, _folders);
                _folders.DropEarlier(trial, i, lease.Number, request.Resumable);
                int number = i;
                ITransformer model = _runner.Fit(
                    request, new StepObserver(step => EpochDone(lease, number, step)), cancellation);
                try
                {
                    _study.Report(lease, new RunEnded(trial.Number, i, run.FinalValue()));
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

    private void EpochDone(TrialLease lease, int run, TrainingProgress step)
    {
        RunRecord record = lease.Trial.Runs[run];
        if (step.Epoch <= record.Epochs.Count || EpochEnded.Of(lease.Trial.Number, run, step) is not { } epoch)
        {
            return;
        }
        bool continues = _study.Report(lease, epoch);
        _runner.Changed(lease.Trial);
        if (!continues)
        {
            throw new TrialPrunedException();
        }
    }

    /// <summary>Ends a fit that the pruner gives up.</summary>
    private sealed class TrialPrunedException : Exception;
}
