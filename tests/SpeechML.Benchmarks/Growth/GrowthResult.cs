namespace SpeechML.Benchmarks.Growth;

/// <param name="Size">The size.</param>
/// <param name="Seconds">Median time of a run.</param>
/// <param name="Megabytes">Peak resident memory of the process.</param>
/// <param name="Runs">Timed runs.</param>
internal sealed record GrowthPoint(int Size, double Seconds, double Megabytes, int Runs);

/// <summary>What was measured of one case.</summary>
internal sealed record GrowthResult(
    string Case, string What, string Unit, IReadOnlyList<GrowthPoint> Points, string Note)
{
    /// <summary>Slope of the line through the logarithms of sizes and times, by least squares.</summary>
    public double TimeExponent => Slope(Points, p => p.Seconds);

    /// <summary>The same between the two largest sizes alone, where a fixed cost matters least.</summary>
    public double LastTimeExponent => Slope(Points.TakeLast(2), p => p.Seconds);

    /// <summary>As <see cref="TimeExponent"/>, of memory.</summary>
    public double MemoryExponent => Slope(Points, p => p.Megabytes);

    /// <summary>As <see cref="LastTimeExponent"/>, of memory.</summary>
    public double LastMemoryExponent => Slope(Points.TakeLast(2), p => p.Megabytes);

    private static double Slope(IEnumerable<GrowthPoint> points, Func<GrowthPoint, double> value)
    {
        (double X, double Y)[] logs = [.. points.Select(p => (Math.Log(p.Size), Math.Log(value(p))))];
        (double x, double y) = (logs.Average(l => l.X), logs.Average(l => l.Y));
        return logs.Sum(l => (l.X - x) * (l.Y - y)) / logs.Sum(l => (l.X - x) * (l.X - x));
    }
}
