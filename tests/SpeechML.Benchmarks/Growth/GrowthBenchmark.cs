using System.Globalization;
using SpeechML.Benchmarks.Peers;
using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Growth;

/// <summary>How time and memory of a size follow from those of others.</summary>
internal static class GrowthBenchmark
{
    /// <summary>
    /// Measures every size in a process of its own, fits time and memory to a power of the size, and writes the page.
    /// </summary>
    public static void Run(GrowthCase growth)
    {
        if (growth.NeedsPeers && !PeerFiles.AvailableFor(Prefix + growth.Name))
        {
            return;
        }
        var points = new List<GrowthPoint>();
        foreach (int size in growth.Sizes)
        {
            using var worker = new WorkerProcess(
                Prefix + growth.Name, size.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ourAllocator: true);
            double[] seconds;
            if (size >= growth.OnceFrom)
            {
                seconds = [worker.Run()];
            }
            else
            {
                _ = worker.Run();
                seconds = [.. Enumerable.Range(0, growth.Runs).Select(_ => worker.Run()).Order()];
            }
            points.Add(new GrowthPoint(size, seconds[seconds.Length / 2], worker.PeakMegabytes(), seconds.Length));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"growth-{growth.Name,-21} {size,7} {growth.Unit,-7} {points[^1].Seconds,9:F3} s  " +
                $"{points[^1].Megabytes,6:F0} MB"));
        }
        var result = new GrowthResult(growth.Name, growth.What, growth.Unit, points, growth.Note);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"growth-{growth.Name,-21} time ~ size^{result.TimeExponent:F2} (last step {result.LastTimeExponent:F2})," +
            $" memory ~ size^{result.MemoryExponent:F2} (last step {result.LastMemoryExponent:F2})"));
        GrowthReport.Add(result);
    }

    /// <summary>What a worker's name begins with where it is of this kind.</summary>
    public const string Prefix = "growth-";

    /// <summary>The work of a worker.</summary>
    public static IWork Make(string name, string size) =>
        GrowthCases.All.Single(c => Prefix + c.Name == name)
        .Make(int.Parse(size, System.Globalization.CultureInfo.InvariantCulture));
}
