using System.Globalization;

namespace SpeechML.Benchmarks.Peers;

/// <summary>Ours against Hugging Face's graphs.</summary>
internal static class PeerBenchmarks
{
    public static void Run(PeerCase row)
    {
        if (row.NeedsPeers && !PeerFiles.AvailableFor(row.Name))
        {
            return;
        }
        row.Prepare?.Invoke();
        IReadOnlyList<PeerResult> results = PeerRace.Run(row);
        foreach (PeerResult r in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-28} {r.Ratio,7:F3}  ({r.Lowest:F3} to {r.Highest:F3}, aim {r.Target:F2})   ours " +
                $"{r.OurSeconds:F3} s over {r.Peer} {r.PeerSeconds:F3} s; memory {r.OurPeak:F0} MB over " +
                $"{r.PeerPeak:F0} MB = {r.OurPeak / r.PeerPeak:F2}; load {r.Load}"));
        }
        PeerReport.Add(results);
    }
}
