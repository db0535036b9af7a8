using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

/// <summary>The median time of a part of an encoder.</summary>
internal static class MedianTime
{
    private const int Runs = 15;

    /// <summary>In seconds, after two runs that do not count.</summary>
    public static double Of(Action action)
    {
        double[] seconds = new double[Runs];
        for (int run = -2; run < Runs; run++)
        {
            using DisposeScope scope = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            action();
            if (run >= 0)
            {
                seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
        Array.Sort(seconds);
        return seconds[Runs / 2];
    }
}
