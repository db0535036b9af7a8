using System.Diagnostics;
using System.Text;
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
        SweepDefinition definition = sweep.Definition();
        await using var connection =
            new ClusterConnection(options ?? new SpeechClusterOptions(), SweepRegistry.StudyOf(definition));
        using var runner = new TrialRunner(definition, cancellationToken);
        await ClusterStudy.JoinAsync(connection, definition, runner, cancellationToken).ConfigureAwait(false);
        var state = new StudyState(definition.Rules.Space, definition.Plan);
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
                    definition.Settings.Progress?.Report(
                        new SweepProgress(state.Trials[entry.OfTrial!.Value - 1].Snapshot(),
                        state.Ranked.FirstOrDefault()?.Snapshot(), state.Ended.Count, clock.Elapsed));
                }
            }
            if (news.IsDone || clock.Elapsed >= definition.Settings.Time)
            {
                break;
            }
            await Task.Delay(s_look, cancellationToken).ConfigureAwait(false);
        }
        return runner.Result(state.Ranked.FirstOrDefault(), state.Trials, cancellationToken);
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
        SweepDefinition definition = sweep.Definition();
        await using var connection =
            new ClusterConnection(options ?? new SpeechClusterOptions(), SweepRegistry.StudyOf(definition));
        using var runner = new TrialRunner(definition, cancellationToken);
        ClusterStudy study = await ClusterStudy.JoinAsync(connection, definition, runner, cancellationToken)
            .ConfigureAwait(false);
        return await Task.Factory.StartNew(() => runner.Work(study, cancellationToken), cancellationToken,
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
            new ClusterConnection(options ?? new SpeechClusterOptions(), SweepRegistry.StudyOf(sweep.Definition()));
        return ClusterStudy.Check(
            await connection.CallAsync(grain => grain.CancelAsync(trial), cancellationToken)
            .ConfigureAwait(false)).Answer == StudyAnswer.Done;
    }
}
