using System.Diagnostics;
using System.Globalization;

namespace SpeechML.Benchmarks;

/// <summary>The time of one way of doing something over that of another, from interleaved runs.</summary>
internal static class Ratio
{
    private const int Runs = 7;

    /// <summary>
    /// Runs both once to warm up, then in turns, and prints the median of the pairwise ratios with their spread.
    /// </summary>
    public static void Measure(string name, string oursName, Action ours, string otherName, Action other)
    {
        ours();
        other();
        double[] ratios = new double[Runs];
        double[] times = new double[Runs];
        for (int i = 0; i < Runs; i++)
        {
            double a = Seconds(ours);
            double b = Seconds(other);
            (ratios[i], times[i]) = (a / b, a);
        }
        Array.Sort(ratios);
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-28} {ratios[Runs / 2],7:F3}  ({ratios[0]:F3} to {ratios[^1]:F3})   {oursName} " +
            $"{times[Runs / 2] * 1000:F1} ms over {otherName}"));
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
