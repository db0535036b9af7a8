using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace SpeechML.Training.Probing;

/// <summary>
/// Runs computations of many small products side by side, each with a torch of one thread: threads that share one such
/// product wait for each other longer than they compute.
/// </summary>
internal static class ProbeThreads
{
    /// <summary>
    /// Runs jobs, in any order, on at most as many threads as torch has. They end with the call: torch keeps how many
    /// threads it may use for each thread that calls it.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="atOnce">How many of them at once at most; <see langword="null"/> for no limit of its own.</param>
    /// <param name="job">Runs the job of a number, from 0.</param>
    public static void Run(int count, int? atOnce, Action<int> job)
    {
        int threads = get_num_threads(), next = -1;
        ExceptionDispatchInfo? error = null;
        int most = Math.Min(count, Math.Min(threads, atOnce ?? threads));
        Thread[] workers = [.. Enumerable.Range(0, most).Select(_ => new Thread(Work)
        {
            IsBackground = true,
            Name = "SpeechML layer probe",
        })];
        try
        {
            Array.ForEach(workers, w => w.Start());
            Array.ForEach(workers, w => w.Join());
        }
        finally
        {
            set_num_threads(threads); // of the whole process in MKL
        }
        error?.Throw();

        void Work()
        {
            try
            {
                set_num_threads(1);
                for (int i; Volatile.Read(ref error) is null && (i = Interlocked.Increment(ref next)) < count;)
                {
                    job(i);
                }
            }
#pragma warning disable CA1031 // It is thrown again on the caller's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _ = Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}
