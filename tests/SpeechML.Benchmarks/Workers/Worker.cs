using System.Diagnostics;
using System.Globalization;
using SpeechML.Benchmarks.Growth;
using SpeechML.Benchmarks.Peers;

namespace SpeechML.Benchmarks.Workers;

/// <summary>The child process: makes one side, then does what its standard input says, one word a line.</summary>
internal static class Worker
{
    public const string Flag = "--worker";

    /// <param name="name">The case.</param>
    /// <param name="side">Its side.</param>
    public static int Run(string name, string side)
    {
        using IWork work = Make(name, side);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            switch (line.Split(' ', 2))
            {
                case ["check", string path]:
                    File.WriteAllBytes(path,
                        System.Runtime.InteropServices.MemoryMarshal.AsBytes(work.Check().AsSpan()).ToArray());
                    Console.WriteLine("0");
                    break;
                case ["run", ..]:
                    long start = Stopwatch.GetTimestamp();
                    work.Run();
                    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    Console.WriteLine(((work as IMeasuredWork)?.Seconds ?? seconds).ToString(
                        "R", CultureInfo.InvariantCulture));
                    break;
                case ["peak", ..]:
                    Console.WriteLine(PeakMegabytes().ToString("R", CultureInfo.InvariantCulture));
                    break;
                default:
                    return 2;
            }
        }
        return 0;
    }

    private static IWork Make(string name, string side) =>
        name.StartsWith(GrowthBenchmark.Prefix, StringComparison.Ordinal) ? GrowthBenchmark.Make(name, side)
            : PeerCases.All.Single(c => c.Name == name).Sides[side]();

    /// <summary>VmHWM: the most memory that was resident at once; 0 where the system does not say.</summary>
    public static double PeakMegabytes() => File.Exists("/proc/self/status")
        ? File.ReadLines("/proc/self/status").Where(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Select(l => double.Parse(l[6..^2], CultureInfo.InvariantCulture) / 1024).Single()
        : 0;
}
