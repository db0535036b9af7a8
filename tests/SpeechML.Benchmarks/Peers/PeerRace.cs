using System.Globalization;
using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Peers;

/// <summary>What came out of one row against one peer.</summary>
/// <param name="Case">The row's name.</param>
/// <param name="What">What the table calls it.</param>
/// <param name="Peer">Which peer.</param>
/// <param name="Target">The ratio that is aimed at.</param>
/// <param name="Runs">Timed runs of each side.</param>
/// <param name="Ratio">Median of the pairwise ratios, ours over the peer's; smaller is better.</param>
/// <param name="Lowest">The smallest of them.</param>
/// <param name="Highest">The greatest.</param>
/// <param name="OurSeconds">Median time of ours.</param>
/// <param name="PeerSeconds">Median time of the peer, times the row's factor.</param>
/// <param name="OurPeak">Peak resident memory in MB of a process that did ours twice.</param>
/// <param name="PeerPeak">The same for the peer.</param>
/// <param name="Difference">Greatest difference of the outputs over their greatest value.</param>
/// <param name="Note">What a reader must know.</param>
/// <param name="Load">The machine's load average of the last minute.</param>
internal sealed record PeerResult(
    string Case, string What, string Peer, double Target, int Runs, double Ratio, double Lowest, double Highest,
    double OurSeconds, double PeerSeconds, double OurPeak, double PeerPeak, double Difference, string Note,
    double Load);

/// <summary>Runs the sides of a row in turns, each in a process of its own.</summary>
internal static class PeerRace
{
    private static readonly int s_runs =
        int.Parse(Environment.GetEnvironmentVariable("SPEECHML_BENCH_RUNS") ?? "7", CultureInfo.InvariantCulture);

    /// <summary>
    /// Between two sides: idle threads of the one before (OpenMP's, ONNX Runtime's) spin for a while before they sleep.
    /// </summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(300);

    public static IReadOnlyList<PeerResult> Run(PeerCase row)
    {
        foreach (string side in row.Sides.Keys)
        {
            // Files that are made at first use (the graph's weights as a checkpoint) are none of the peak's.
            Start(row, side).Dispose();
        }
        string[] peers = [.. row.Sides.Keys.Where(s => s != PeerCase.Ours)];
        Dictionary<string, double> peaks = row.Sides.Keys.ToDictionary(side => side, side => Peak(row, side));
        var workers = new Dictionary<string, WorkerProcess>();
        try
        {
            foreach (string side in row.Sides.Keys)
            {
                workers[side] = Start(row, side);
            }
            float[] ours = workers[PeerCase.Ours].Check();
            Dictionary<string, double> differences =
                peers.ToDictionary(p => p, p => Difference(row, p, ours, workers[p].Check()));
            Dictionary<string, double[]> seconds = row.Sides.Keys.ToDictionary(s => s, _ => new double[s_runs]);
            foreach (WorkerProcess worker in workers.Values)
            {
                _ = worker.Run();
            }
            for (int run = 0; run < s_runs; run++)
            {
                foreach ((string side, WorkerProcess worker) in workers)
                {
                    Thread.Sleep(s_rest);
                    seconds[side][run] = worker.Run() * (side == PeerCase.Ours ? 1 : row.PeerFactor);
                }
            }
            return [.. peers.Select(peer =>
            {
                double[] ratios = [.. seconds[PeerCase.Ours].Zip(seconds[peer], (a, b) => a / b).Order()];
                return new PeerResult(
                    row.Name, row.What, peer, row.Targets.GetValueOrDefault(peer, double.NaN), s_runs, Median(ratios),
                    ratios[0], ratios[^1],
                    Median(seconds[PeerCase.Ours]), Median(seconds[peer]), peaks[PeerCase.Ours], peaks[peer],
                    differences[peer], row.Note, Load());
            })];
        }
        finally
        {
            foreach (WorkerProcess worker in workers.Values)
            {
                worker.Dispose();
            }
        }
    }

    private static double Peak(PeerCase row, string side)
    {
        using WorkerProcess worker = Start(row, side);
        _ = worker.Run();
        _ = worker.Run();
        return worker.PeakMegabytes();
    }

    /// <summary>Processes of ours may have our allocator settings, those of peers not.</summary>
    private static WorkerProcess Start(PeerCase row, string side) =>
        new(row.Name, side, ourAllocator: !PeerCase.IsForeign(side));

    private static double Difference(PeerCase row, string peer, float[] ours, float[] theirs)
    {
        double largest = theirs.Max(Math.Abs);
        double difference = ours.Length == theirs.Length
            ? ours.Zip(theirs, (a, b) => (double)Math.Abs(a - b)).Max() / largest : double.PositiveInfinity;
        return difference <= row.Tolerance
            ? difference
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name}: expected the outputs of ours and {peer} to differ by at most {row.Tolerance} of the " +
                $"greatest, got {difference} ({ours.Length} and {theirs.Length} values)."));
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>Processes that wanted a core in the last minute.</summary>
    public static double Load() =>
        File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : double.NaN;
}
