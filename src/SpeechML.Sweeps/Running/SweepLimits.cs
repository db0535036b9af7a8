using TorchSharp;

namespace SpeechML.Sweeps.Running;

/// <summary>How much one process may do.</summary>
/// <param name="Time">Time of this process; <see langword="null"/> for as long as it takes.</param>
/// <param name="Parallel">Trials at a time.</param>
internal sealed record SweepLimits(TimeSpan? Time, int Parallel)
{
    /// <summary>Works on as many threads as there are trials at a time, which share torch's.</summary>
    /// <param name="work">What a thread does; gives how many trials it ended.</param>
    /// <param name="cancellation">Stops all.</param>
    /// <returns>How many trials ended.</returns>
    /// <exception cref="OperationCanceledException">All were stopped, other than by the time.</exception>
    public int Run(Func<CancellationToken, int> work, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (Time is { } time)
        {
            stop.CancelAfter(time);
        }
        int threads = torch.get_num_threads();
        int ended;
        try
        {
            if (Parallel == 1)
            {
                ended = Work(work, stop);
            }
            else
            {
                torch.set_num_threads(Math.Max(1, threads / Parallel));
                Task<int>[] workers = [.. Enumerable.Range(0, Parallel)
                    .Select(_ => Task.Factory.StartNew(() => Work(work, stop), CancellationToken.None,
                    TaskCreationOptions.LongRunning, TaskScheduler.Default))];
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

    private static int Work(Func<CancellationToken, int> work, CancellationTokenSource stop)
    {
        try
        {
            return work(stop.Token);
        }
        catch
        {
            // What is no trial's own failure (the log cannot be written) ends the others as well.
            stop.Cancel();
            throw;
        }
    }
}
