namespace SpeechML.Sweeps.Studies;

/// <summary>Shows, while a trial runs, that its worker lives; cancels it when it turns out to be another's.</summary>
internal sealed class LeaseRenewal : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;

    public LeaseRenewal(IStudy study, TrialLease lease, CancellationTokenSource trial)
    {
        _renewing = study.RenewEvery is { } every ? Task.Run(() => RenewAsync(study, lease, every, trial))
            : Task.CompletedTask;
    }

    /// <summary>Whether the trial is another's.</summary>
    public bool IsLost { get; private set; }

    public void Dispose()
    {
        _end.Cancel();
        _renewing.GetAwaiter().GetResult();
        _end.Dispose();
    }

    private async Task RenewAsync(IStudy study, TrialLease lease, TimeSpan every, CancellationTokenSource trial)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
            {
                try
                {
                    study.Renew(lease);
                }
                catch (TrialLostException)
                {
                    IsLost = true;
                    await trial.CancelAsync().ConfigureAwait(false);
                    return;
                }
                catch (IOException)
                {
                    // Out of reach for now. If that lasts, the lease runs out, which the next report will tell.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The trial has ended.
        }
    }
}
