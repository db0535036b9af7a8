using System.Diagnostics;
using System.Reflection;

namespace SpeechML.TrainingSupport;

/// <summary>Loads mutated files and holds each to a time, an amount of memory and known kinds of refusal.</summary>
/// <param name="refusals">The kinds of exception by which a file may be refused.</param>
internal sealed class BoundedLoad(params Type[] refusals)
{
    private const long Allowance = 64L << 20;
    private const int Share = 4;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, int> _refused = [];

    public int Loaded { get; private set; }

    public TimeSpan Longest { get; private set; }

    /// <summary>Greatest part of the allowance that a load took, beyond its share of the file, in bytes.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>Figures for the log.</summary>
    public string Summary => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Loaded} loaded, {_refused.Values.Sum()} refused (" +
        $"{string.Join(", ", _refused.OrderByDescending(r => r.Value).Select(r => $"{r.Key} {r.Value}"))}); " +
        $"longest {Longest.TotalMilliseconds:F0} ms; most managed memory " +
        $"{MostAllocated / 1024.0 / 1024:F1} MiB; peak resident {PeakResident() >> 20} MiB");

    /// <summary>Runs one load.</summary>
    /// <param name="bytes">The bytes given.</param>
    /// <param name="what">The case, for messages.</param>
    /// <param name="load">Loads the file.</param>
    public void Run(long bytes, string what, Action load)
    {
        (TimeSpan time, long allocated) = Measure(what, load);
        if (time > s_longest)
        {
            // Another process may have had the processor.
            (TimeSpan again, _) = Measure(what, load);
            time = again < time ? again : time;
        }
        Longest = time > Longest ? time : Longest;
        MostAllocated = Math.Max(MostAllocated, allocated);
        Assert.IsTrue(time <= s_longest, $"{what}: took {time.TotalMilliseconds:F0} ms.");
        Assert.IsTrue(allocated <= (Share * bytes) + Allowance, $"{what}: {bytes} bytes took {allocated}.");
    }

    /// <summary>What a loader threw, without what reflection and ML.NET's catalog of classes put around it.</summary>
    public static Exception Cause(Exception thrown) => thrown switch
    {
        TargetInvocationException { InnerException: { } inner } => Cause(inner),
        InvalidOperationException { InnerException: TargetInvocationException inner } => Cause(inner),
        _ => thrown,
    };

    /// <summary>The process's greatest resident size so far; 0 where the system does not tell.</summary>
    public static long PeakResident()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private (TimeSpan Time, long Allocated) Measure(string what, Action load)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        try
        {
            load();
            Loaded++;
        }
        catch (Exception thrown)
        {
            Exception error = Cause(thrown);
            Assert.IsTrue(Array.Exists(refusals, r => r.IsInstanceOfType(error)), $"{what}: {thrown}");
            Assert.IsTrue(error.Message.Length is > 10 and < 1500, $"{what}: message '{error.Message}'");
            string kind = error.GetType().Name;
            _refused[kind] = _refused.GetValueOrDefault(kind) + 1;
        }
        return (clock.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
