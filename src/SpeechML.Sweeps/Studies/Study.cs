using System.Globalization;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// A study: its log and what follows from it. Says which trial is next and which goes on, and accepts what is reported
/// on them; runs nothing itself. What it is, is in the log only: after a
/// process's death, or beside other processes with the same log, another one says the same. Every decision is made on
/// all events so far and logged behind them, or made anew.
/// </summary>
internal sealed class Study : IStudy, IDisposable
{
    private const int MostAttempts = 5; // of workers that die without an epoch of the trial: it could kill them all
    private readonly StudyRules _rules;
    private readonly IStudyLog _log;
    private readonly IStudyLeases? _leases;
    private readonly LeaseWatch? _watch;
    private readonly StudyState _state;
    private readonly HashSet<int> _held = [];
    private readonly HashSet<int> _dropped = [];
    private readonly Lock _gate = new();

    /// <param name="rules">What it goes by.</param>
    /// <param name="log">Its log, which is this object's from now on.</param>
    /// <param name="leases">How long workers have a trial; <see langword="null"/> where the log is this process's
    /// alone, which then has all trials.</param>
    /// <param name="time">The clock of leases.</param>
    public Study(StudyRules rules, IStudyLog log, IStudyLeases? leases = null, TimeProvider? time = null)
    {
        _rules = rules;
        _log = log;
        _leases = leases;
        _watch = leases is null ? null : new LeaseWatch(leases, time ?? TimeProvider.System);
        _state = new StudyState(rules.Space, rules.Plan);
    }

    /// <summary>Told about every event, by whichever process it is, in their order; under the study's lock.</summary>
    public Action<StudyEvent, StudyState>? Observer { get; set; }

    /// <inheritdoc/>
    public TimeSpan? RenewEvery => _leases?.Time / 4;

    /// <summary>All trials, by number.</summary>
    public IReadOnlyList<TrialRecord> Trials => _state.Trials;

    /// <summary>The best trial that has finished; of equals, the first.</summary>
    public TrialRecord? Best => _state.Ranked.FirstOrDefault();

    /// <summary>Begins the study, or makes sure that it is this one.</summary>
    /// <param name="name">Name of the study.</param>
    /// <param name="identity">What it is.</param>
    /// <exception cref="InvalidOperationException">It is another; says what differs.</exception>
    /// <exception cref="InvalidDataException">The log is none of a study.</exception>
    public void Identify(string? name, IReadOnlyDictionary<string, string> identity)
    {
        lock (_gate)
        {
            CatchUp();
            while (_state.Begun is null)
            {
                if (_state.IsEmpty)
                {
                    if (!TryRecord(new StudyBegun(StudyBegun.CurrentFormat, identity)))
                    {
                        CatchUp();
                    }
                    continue;
                }
                throw new InvalidDataException(
                    $"Study '{name}': expected a log of format {StudyBegun.CurrentFormat} that begins with the " +
                    $"study, got another event.");
            }
            StudyIdentity.Check(name, _state.Begun, identity);
        }
    }

    /// <inheritdoc/>
    public StudyTurn Take(string worker)
    {
        lock (_gate)
        {
            while (true)
            {
                CatchUp();
                if (_leases is not null
                    && _state.Trials.FirstOrDefault(t => t.State == SweepTrialState.Running && t.Worker == worker)
                    is { } own)
                {
                    // The answer to an earlier call was lost.
                    return Hold(own);
                }
                if (FirstFree() is { } free)
                {
                    if (_leases is not null && free.Attempts >= MostAttempts)
                    {
                        TryRecord(new TrialEnded(
                            free.Number, SweepTrialState.Failed, 0,
                            string.Create(CultureInfo.InvariantCulture,
                            $"{MostAttempts} workers in turn began it or went on with it and showed no sign of life " +
                            $"any more before an epoch ended. It may end its process: by running out of memory, say.")));
                        continue;
                    }
                    if (_leases is null || TryRecord(new TrialTaken(free.Number, free.Lease + 1, worker)))
                    {
                        return Hold(free);
                    }
                    continue;
                }
                int count = _state.Trials.Count;
                if (count >= _rules.Trials
                    || _rules.Tuner.Suggest(_rules.Space, _state.Observations(), count, _rules.Seed) is not { } point)
                {
                    return _leases is null || _state.Ended.Count == count ? StudyTurn.Done : StudyTurn.Later;
                }
                if (TryRecord(new TrialBegun(
                    count + 1, _rules.Space.Parameters.Where(p => point.Has(p.Name))
                    .ToDictionary(p => p.Name, p => p.ToJson(point[p.Name]), StringComparer.Ordinal),
                    _leases is null ? null : worker)))
                {
                    return Hold(_state.Trials[count]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public bool Report(TrialHold hold, EpochEnded epoch)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                CheckHeld(hold);
            }
            while (hold.Trial.Runs[epoch.Run].Epochs.Count < epoch.Epoch && !TryRecord(epoch));
            return epoch.Run != 0 || !IsPoor(hold.Trial);
        }
    }

    /// <inheritdoc/>
    public void Report(TrialHold hold, RunEnded run)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                CheckHeld(hold);
            }
            while (hold.Trial.Runs[run.Run].Value is null && !TryRecord(run));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> End(TrialHold hold, TrialEnded end)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                if (hold.Trial.State != SweepTrialState.Running && hold.Trial.Lease == hold.Lease)
                {
                    break; // an earlier call's answer was lost
                }
                CheckHeld(hold);
            }
            while (!TryRecord(end));
            _held.Remove(end.Trial);
            _leases?.End(end.Trial, hold.Lease);
            HashSet<int> kept = Kept();
            return [.. _state.Ended.Select(t => t.Number).Where(n => !kept.Contains(n) && _dropped.Add(n))];
        }
    }

    /// <inheritdoc/>
    public void Renew(TrialHold hold)
    {
        lock (_gate)
        {
            CatchUp();
            CheckHeld(hold);
        }
        _leases?.Renew(hold.Trial.Number, hold.Lease);
    }

    /// <inheritdoc/>
    public void Release(TrialHold hold)
    {
        lock (_gate)
        {
            if (_leases is null)
            {
                return;
            }
            do
            {
                CatchUp();
                if (Problem(hold) is not null)
                {
                    return;
                }
            }
            while (!TryRecord(new TrialTaken(hold.Trial.Number, hold.Lease, null)));
            _held.Remove(hold.Trial.Number);
            _leases.End(hold.Trial.Number, hold.Lease);
        }
    }

    /// <summary>Ends a trial whoever has it; its worker learns of it with its next report or sign of life.</summary>
    /// <returns>Whether it had not ended.</returns>
    public bool Cancel(int trial)
    {
        lock (_gate)
        {
            do
            {
                CatchUp();
                if (trial > _state.Trials.Count || _state.Trials[trial - 1].State != SweepTrialState.Running)
                {
                    return false;
                }
            }
            while (!TryRecord(new TrialEnded(trial, SweepTrialState.Cancelled, 0, null)));
            return true;
        }
    }

    /// <summary>The trial that this process has by its number and lease.</summary>
    /// <exception cref="TrialLostException">There is no such trial.</exception>
    public TrialHold Find(int trial, int lease)
    {
        lock (_gate)
        {
            CatchUp();
            return trial <= _state.Trials.Count ? new TrialHold(_state.Trials[trial - 1], lease, true)
                : throw new TrialLostException(trial, lease, "no such trial");
        }
    }

    /// <summary>Takes note of what other processes have logged.</summary>
    /// <returns>Whether the study has come to its end.</returns>
    public bool Refresh()
    {
        lock (_gate)
        {
            CatchUp();
            int count = _state.Trials.Count;
            return _state.Ended.Count == count
                && (count >= _rules.Trials
                || (count > 0 && _rules.Tuner.Suggest(_rules.Space, _state.Observations(), count, _rules.Seed)
                is null));
        }
    }

    /// <summary>What an observer is told about a trial.</summary>
    public SweepProgress Progress(TrialRecord trial, TimeSpan elapsed)
    {
        lock (_gate)
        {
            return new SweepProgress(trial.Snapshot(), Best?.Snapshot(), _state.Ended.Count, elapsed);
        }
    }

    /// <summary>Numbers of the best trials, as many as are kept.</summary>
    public HashSet<int> Kept()
    {
        lock (_gate)
        {
            return [.. _state.Ranked.Take(_rules.Models).Select(t => t.Number)];
        }
    }

    public void Dispose() => _log.Dispose();

    private StudyTurn Hold(TrialRecord trial)
    {
        _held.Add(trial.Number);
        return new StudyTurn(new TrialHold(trial, trial.Lease, trial.Runs[0].Value is not null || !IsPoor(trial)),
            false);
    }

    /// <summary>A trial that was begun, and that no one has by now.</summary>
    private TrialRecord? FirstFree()
    {
        if (_watch is null)
        {
            return _state.Trials.FirstOrDefault(t => t.State == SweepTrialState.Running && !_held.Contains(t.Number));
        }
        List<TrialRecord> running = [.. _state.Trials.Where(t => t.State == SweepTrialState.Running)];
        return running.Find(t => t.Worker is null) ?? _watch.FirstExpired(running);
    }

    /// <summary>Whether the pruner gives a trial up, by its first run.</summary>
    private bool IsPoor(TrialRecord trial)
    {
        RunRecord run = trial.Runs[0];
        return run.Epochs.Count > 0
            && run.Epochs[^1] is var last
            && last.Epoch < last.Epochs
            && _rules.Pruner.ShouldStop(last.Epoch, _rules.Plan.Loss(run.ValueNow), _state.LossesAt(last.Epoch));
    }

    private void CheckHeld(TrialHold hold)
    {
        if (Problem(hold) is { } problem)
        {
            _held.Remove(hold.Trial.Number);
            throw new TrialLostException(hold.Trial.Number, hold.Lease, problem);
        }
    }

    private static string? Problem(TrialHold hold) =>
        hold.Trial.State != SweepTrialState.Running
            ? FormattableString.Invariant($"a trial that has ended ({hold.Trial.State})")
        : hold.Trial.Lease != hold.Lease
            ? FormattableString.Invariant($"lease {hold.Trial.Lease} of worker '{hold.Trial.Worker}'")
        : null;

    private void CatchUp()
    {
        foreach (StudyEvent entry in _log.ReadNew())
        {
            Apply(entry);
        }
    }

    /// <summary>
    /// Logs an event, unless others were faster; nothing follows from it before it is where it lasts.
    /// </summary>
    private bool TryRecord(StudyEvent entry)
    {
        entry = entry with { At = DateTime.UtcNow };
        if (!_log.TryAppend(entry))
        {
            return false;
        }
        Apply(entry);
        return true;
    }

    private void Apply(StudyEvent entry)
    {
        _state.Apply(entry);
        Observer?.Invoke(entry, _state);
    }
}
