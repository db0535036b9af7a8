using System.Diagnostics;
using System.Text;
using Microsoft.ML;
using SpeechML.Orleans;
using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;

namespace SpeechML;

/// <summary>
/// Sweeps over the machines of a cluster: a silo has the study (<see cref="SpeechSilo"/>), workers run its trials, a
/// client has what it comes to.
/// </summary>
public static class SpeechSweepCluster
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks on while workers run the sweep's trials, and gives what the sweep came to.</summary>
    /// <param name="sweep">The sweep, as silo and workers have it. Its progress is told about every worker's
    /// trials.</param>
    /// <param name="options">The cluster; <see langword="null"/> for one silo on this machine.</param>
    /// <param name="cancellationToken">Stops looking on; the workers go on.</param>
    /// <exception cref="InvalidOperationException">The sweep lacks something, the study is of another sweep, or all
    /// trials failed.</exception>
    /// <exception cref="TimeoutException">No trial finished in the training time.</exception>
    /// <exception cref="IOException">The cluster cannot be reached, or the study's log cannot be written.</exception>
    public static async Task<SweepResult> RunOnClusterAsync(
        this SpeechSweep sweep, SpeechClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        SweepSession session = sweep.Session();
        await using var connection =
            new ClusterConnection(options ?? new SpeechClusterOptions(), SweepRegistry.StudyOf(session));
        using SweepWorkplace place = session.OpenWorkplace(cancellationToken);
        await ClusterStudy.JoinAsync(connection, session, place, cancellationToken).ConfigureAwait(false);
        var state = new StudyState(session.Rules.Space, session.Plan);
        var clock = Stopwatch.StartNew();
        int known = 0;
        while (true)
        {
            StudyNews news = await connection.CallAsync(grain => grain.ReadAsync(known), cancellationToken)
                .ConfigureAwait(false);
            if (news.Problem is { } problem)
            {
                throw new IOException(problem);
            }
            known += news.Events.Length;
            foreach (StudyEvent entry in news.Events.Select(l => StudyLines.Parse(Encoding.UTF8.GetBytes(l))))
            {
                state.Apply(entry);
                if (entry is TrialBegun or TrialTaken or EpochEnded or TrialEnded)
                {
                    session.Progress?.Report(
                        new SweepProgress(state.Trials[entry.OfTrial!.Value - 1].Snapshot(),
                        state.Ranked.FirstOrDefault()?.Snapshot(), state.Ended.Count, clock.Elapsed));
                }
            }
            if (news.IsDone || clock.Elapsed >= session.Limits.Time)
            {
                break;
            }
            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }
        TrialRecord best = state.Ranked.FirstOrDefault() ?? throw SweepSession.NothingFinished(state.Trials);
        int run = SweepEngine.BestRun(best, session.Plan);
        var request = TrialRun.Of(best, run, session.Plan, session.Folders);
        ITransformer model = SweepEngine.Fit(place.Fit, request, cancellationToken);
        return session.Result(best, state.Trials, new Dictionary<int, ITransformer> { [best.Number] = model }, place);
    }

    /// <summary>Works on the sweep's trials until there are none any more.</summary>
    /// <param name="sweep">The sweep, as the silo has it. Its progress is told about this worker's trials.</param>
    /// <param name="options">The cluster; <see langword="null"/> for one silo on this machine.</param>
    /// <param name="cancellationToken">Stops this worker; its trials go on elsewhere, from their last
    /// checkpoints.</param>
    /// <returns>How many trials ended here.</returns>
    /// <exception cref="InvalidOperationException">The sweep lacks something, or the study is of another
    /// sweep.</exception>
    /// <exception cref="IOException">The cluster cannot be reached, or the study's log cannot be written.</exception>
    public static async Task<int> WorkOnClusterAsync(
        this SpeechSweep sweep, SpeechClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        SweepSession session = sweep.Session();
        await using var connection =
            new ClusterConnection(options ?? new SpeechClusterOptions(), SweepRegistry.StudyOf(session));
        using SweepWorkplace place = session.OpenWorkplace(cancellationToken);
        ClusterStudy study = await ClusterStudy.JoinAsync(connection, session, place, cancellationToken)
            .ConfigureAwait(false);
        var worker = new SweepWorker(
            study, session.Plan, session.Folders, place.Fit, new Watch(session.Progress), session.Worker);
        return await Task.Factory.StartNew(() => session.Limits.Run(worker.Work, cancellationToken), cancellationToken,
            TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends one trial of a sweep that runs on a cluster; its worker stops it when it next shows that it lives.
    /// </summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="trial">Number of the trial, from 1.</param>
    /// <param name="options">The cluster; <see langword="null"/> for one silo on this machine.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether it was running.</returns>
    public static async Task<bool> CancelTrialOnClusterAsync(
        this SpeechSweep sweep, int trial, SpeechClusterOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        await using var connection =
            new ClusterConnection(options ?? new SpeechClusterOptions(), SweepRegistry.StudyOf(sweep.Session()));
        return ClusterStudy.Check(
            await connection.CallAsync(grain => grain.CancelAsync(trial), cancellationToken)
            .ConfigureAwait(false)).Answer == StudyAnswer.Done;
    }

    /// <summary>A worker keeps no models: the best trials' checkpoints are where all can read them.</summary>
    private sealed class Watch(IProgress<SweepProgress>? progress) : ISweepWatch
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private int _ended;

        public void Changed(TrialRecord trial) =>
            progress?.Report(new SweepProgress(trial.Snapshot(), null, Volatile.Read(ref _ended), _clock.Elapsed));

        public void Ended(TrialRecord trial, (int Run, ITransformer Model)? model)
        {
            Interlocked.Increment(ref _ended);
            (model?.Model as IDisposable)?.Dispose();
        }
    }
}
