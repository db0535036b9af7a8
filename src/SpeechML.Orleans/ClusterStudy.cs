using System.Text;
using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;

namespace SpeechML.Orleans;

/// <summary>
/// A study behind a grain, as a worker sees it. The trials that it gives are this worker's own copies, made from the
/// log's lines.
/// </summary>
internal sealed class ClusterStudy(
    ClusterConnection connection, StudyRules rules, TimeSpan lease, CancellationToken stop) : IStudy
{
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public TimeSpan? RenewEvery => lease / 4;

    /// <summary>Begins the study, or makes sure that it is this one.</summary>
    /// <exception cref="InvalidOperationException">It is another; says what differs.</exception>
    public static async Task<ClusterStudy> JoinAsync(
        ClusterConnection connection, SweepDefinition sweep, TrialRunner runner, CancellationToken cancellation)
    {
        StudyReply reply = Check(
            await connection.CallAsync(grain => grain.JoinAsync(runner.Identity()), cancellation)
            .ConfigureAwait(false));
        return new ClusterStudy(connection, sweep.Rules, reply.LeaseTime, cancellation);
    }

    /// <inheritdoc/>
    public NextTrial AskForTrial(string worker)
    {
        StudyReply reply = Ask(grain => grain.TakeAsync(worker));
        if (reply.Answer != StudyAnswer.Trial)
        {
            return reply.Answer == StudyAnswer.Done ? NextTrial.Done : NextTrial.Later;
        }
        StudyEvent[] events = [.. reply.Events!.Select(l => StudyLines.Parse(Encoding.UTF8.GetBytes(l)))];
        TrialRecord trial = StudyState.Begin((TrialBegun)events[0], rules.Space, rules.Plan);
        foreach (StudyEvent entry in events.Skip(1))
        {
            trial.Apply(entry);
        }
        return new NextTrial(new TrialLease(trial, reply.Lease, reply.IsWorthIt), false);
    }

    /// <inheritdoc/>
    public bool Report(TrialLease lease, EpochEnded epoch) => Send(lease, epoch).Answer != StudyAnswer.Stop;

    /// <inheritdoc/>
    public void Report(TrialLease lease, RunEnded run) => Send(lease, run);

    /// <inheritdoc/>
    public IReadOnlyList<int> End(TrialLease lease, TrialEnded end) => Send(lease, end).Dropped ?? [];

    /// <inheritdoc/>
    public void Renew(TrialLease lease) => Ask(grain => grain.RenewAsync(lease.Trial.Number, lease.Number), lease);

    /// <inheritdoc/>
    public void Release(TrialLease lease)
    {
        // Also when this worker is being stopped, but not for long: without it, others wait until the lease has run
        // out.
        using var soon = new CancellationTokenSource(s_goodbye);
        try
        {
            connection.CallAsync(grain => grain.ReleaseAsync(lease.Trial.Number, lease.Number), soon.Token).GetAwaiter()
                .GetResult();
        }
        catch (Exception e) when (e is OperationCanceledException or StudyLogException)
        {
            // Nobody is there to take it.
        }
    }

    internal static StudyReply Check(StudyReply reply, TrialLease? lease = null) => reply.Answer switch
    {
        StudyAnswer.Lost => throw new TrialLostException(lease?.Trial.Number ?? 0, lease?.Number ?? 0, reply.Problem!),
        StudyAnswer.Refused => throw new InvalidOperationException(reply.Problem),
        StudyAnswer.Failed => throw new StudyLogException(reply.Problem!, new IOException(reply.Problem)),
        _ => reply,
    };

    private StudyReply Send(TrialLease lease, StudyEvent entry)
    {
        string line = Encoding.UTF8.GetString(StudyLines.Format(entry)).TrimEnd('\n');
        StudyReply reply = Ask(grain => grain.ReportAsync(lease.Number, line), lease);
        lease.Trial.Apply(entry);
        return reply;
    }

    private StudyReply Ask(Func<IStudyGrain, Task<StudyReply>> call, TrialLease? lease = null) =>
        Check(connection.CallAsync(call, stop).GetAwaiter().GetResult(), lease);
}
