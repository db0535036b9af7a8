using System.Text;
using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;

namespace SpeechML.Orleans;

/// <summary>
/// A study in a cluster: the same <see cref="Study"/> as on one machine, with its log in the study's folder or bucket,
/// and workers behind calls. An activation holds nothing that is not in the log, but for
/// the workers' signs of life, whose time begins anew. Should two activations live for a moment, their logs agree on
/// one order.
/// </summary>
internal sealed class StudyGrain(SweepRegistry sweeps) : Grain, IStudyGrain, IDisposable
{
    private readonly List<StudyEvent> _events = [];
    private SweepDefinition? _sweep;
    private Study? _study;

    private string Name => this.GetPrimaryKeyString();

    public Task<StudyReply> JoinAsync(Dictionary<string, string> identity) => DoAsync(study =>
    {
        foreach ((string name, string expected) in _sweep!.Identity())
        {
            if (identity.GetValueOrDefault(name, "nothing") is var got && got != expected)
            {
                return new StudyReply(StudyAnswer.Refused,
                    $"Study '{Name}': expected the sweep that the silo was started with, got another: {name}: " +
                    $"expected {expected}, got {got}. Start silo, workers and clients with the same sweep.");
            }
        }
        study.Identify(Name, identity);
        return new StudyReply(StudyAnswer.Continue, LeaseTime: _sweep.Lease);
    });

    public Task<StudyReply> TakeAsync(string worker) => DoAsync(study =>
    {
        NextTrial turn = study.AskForTrial(worker);
        if (turn.Lease is not { } lease)
        {
            return new StudyReply(turn.IsDone ? StudyAnswer.Done : StudyAnswer.Later);
        }
        return new StudyReply(StudyAnswer.Trial, Lease: lease.Number, IsWorthIt: lease.IsWorthResuming,
            Events: Lines(_events.Where(e => e.OfTrial == lease.Trial.Number)));
    });

    public Task<StudyReply> ReportAsync(int lease, string entry) => DoAsync(study =>
    {
        StudyEvent report = StudyLines.Parse(Encoding.UTF8.GetBytes(entry));
        TrialLease held = study.Find(report.OfTrial ?? 0, lease);
        switch (report)
        {
            case EpochEnded epoch:
                return new StudyReply(study.Report(held, epoch) ? StudyAnswer.Continue : StudyAnswer.Stop);
            case RunEnded run:
                study.Report(held, run);
                return new StudyReply(StudyAnswer.Continue);
            case TrialEnded end:
                return new StudyReply(StudyAnswer.Continue, Dropped: [.. study.End(held, end)]);
            default:
                return new StudyReply(StudyAnswer.Failed,
                    $"Study '{Name}': expected a worker to report an epoch, a run or a trial's end, got " +
                    $"{report.GetType().Name}.");
        }
    });

    public Task<StudyReply> RenewAsync(int trial, int lease) => DoAsync(study =>
    {
        study.Renew(study.Find(trial, lease));
        return new StudyReply(StudyAnswer.Continue);
    });

    public Task<StudyReply> ReleaseAsync(int trial, int lease) => DoAsync(study =>
    {
        study.Release(study.Find(trial, lease));
        return new StudyReply(StudyAnswer.Continue);
    });

    public Task<StudyReply> CancelAsync(int trial) =>
        DoAsync(study => new StudyReply(study.Cancel(trial) ? StudyAnswer.Done : StudyAnswer.Later));

    public async Task<StudyNews> ReadAsync(int from)
    {
        StudyNews? news = null;
        StudyReply reply = await DoAsync(study =>
        {
            bool done = study.Refresh();
            news = new StudyNews(Lines(_events.Skip(from)), done);
            return new StudyReply(StudyAnswer.Continue);
        }).ConfigureAwait(true);
        return news ?? new StudyNews([], false, reply.Problem);
    }

    public void Dispose() => Close();

    private static string[] Lines(IEnumerable<StudyEvent> events) =>
        [.. events.Select(e => Encoding.UTF8.GetString(StudyLines.Format(e)).TrimEnd('\n'))];

    /// <summary>Works on the study, away from the scheduler of grains: the log waits for a disk or a service.</summary>
    private Task<StudyReply> DoAsync(Func<Study, StudyReply> work) => Task.Run(() =>
    {
        try
        {
            return work(Open());
        }
        catch (TrialLostException e)
        {
            return new StudyReply(StudyAnswer.Lost, e.Message);
        }
        catch (InvalidOperationException e)
        {
            return new StudyReply(StudyAnswer.Refused, e.Message);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // What is on the disk by now is read again with the next call.
            Close();
            return new StudyReply(StudyAnswer.Failed, e.Message);
        }
    });

    private Study Open()
    {
        if (_study is { } open)
        {
            return open;
        }
        _sweep = sweeps.Find(Name);
        IStudyLog log = StoragePath.IsRemote(Name) ? new StoredStudyLog(Name) : new SharedStudyFile(Name);
        _events.Clear();
        return _study = new Study(
            _sweep.Rules, log, new MemoryLeases(_sweep.Lease))
        { Observer = (entry, _) => _events.Add(entry) };
    }

    private void Close()
    {
        _study?.Dispose();
        _study = null;
    }
}
