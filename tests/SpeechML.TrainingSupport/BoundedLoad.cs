using System.Diagnostics;
using System.Reflection;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>Loads mutated files and holds each to a time, an amount of memory and known kinds of refusal.</summary>
/// <param name="refusals">The kinds of exception by which a file may be refused.</param>
internal sealed class BoundedLoad(params Type[] refusals)
{
    private const long Allowance = 64L << 20;
    private const int Share = 4;

    // Tensors are not the collector's, whose heap may grow beside them.
    private const long ResidentAllowance = 256L << 20;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, int> _refused = [];
    private readonly List<string> _faults = [];

    public int Loaded { get; private set; }

    public TimeSpan Longest { get; private set; }

    /// <summary>Greatest part of the allowance that a load took, beyond its share of the file, in bytes.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>By how much the process grew at most in one load, native memory too, in bytes.</summary>
    public long MostResident { get; private set; }

    /// <summary>Figures for the log.</summary>
    public string Summary => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Loaded} loaded, {_refused.Values.Sum()} refused (" +
        $"{string.Join(", ", _refused.OrderByDescending(r => r.Value).Select(r => $"{r.Key} {r.Value}"))}); " +
        $"longest {Longest.TotalMilliseconds:F0} ms; most managed memory " +
        $"{MostAllocated / 1024.0 / 1024:F1} MiB; most in all {MostResident >> 20} MiB");

    /// <summary>Fails where a load took too long or too much, or ended otherwise than it may.</summary>
    public void AssertNoFaults()
    {
        const int MaxShown = 12, Longest = 2000;
        Assert.IsEmpty(_faults, $"{_faults.Count} faults; {Summary}\n" + string.Join(
            "\n", _faults.Take(MaxShown).Select(f => f.Length > Longest ? f[..Longest] : f)));
    }

    /// <summary>Runs one load; what is wrong with it is told by <see cref="AssertNoFaults"/>.</summary>
    /// <param name="bytes">The bytes given.</param>
    /// <param name="what">The case, for messages.</param>
    /// <param name="load">Loads the file.</param>
    public void Run(long bytes, string what, Action load)
    {
        ResidentMemory.ResetPeak();
        long resident = ResidentMemory.Peak;
        (TimeSpan time, long allocated) = Measure(what, load);
        resident = ResidentMemory.Peak - resident;
        Require(resident <= (Share * bytes) + ResidentAllowance, $"{bytes} bytes took {resident} in all; {what}");
        MostResident = Math.Max(MostResident, resident);
        if (time > s_longest)
        {
            // Another process may have had the processor.
            (TimeSpan again, _) = Measure(what, load);
            time = again < time ? again : time;
        }
        Longest = time > Longest ? time : Longest;
        MostAllocated = Math.Max(MostAllocated, allocated);
        Require(time <= s_longest, $"took {time.TotalMilliseconds:F0} ms; {what}");
        Require(allocated <= (Share * bytes) + Allowance, $"{bytes} bytes took {allocated}; {what}");
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

    private void Require(bool condition, string fault)
    {
        if (!condition)
        {
            _faults.Add(fault);
        }
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
            Require(Array.Exists(refusals, r => r.IsInstanceOfType(error)), $"{thrown}; {what}");
            Require(error.Message.Length is > 10 and < 1500, $"message '{error.Message}'; {what}");
            string kind = error.GetType().Name;
            _refused[kind] = _refused.GetValueOrDefault(kind) + 1;
        }
        return (clock.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
