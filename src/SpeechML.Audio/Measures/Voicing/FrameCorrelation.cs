using System.Numerics;
using System.Runtime.InteropServices;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// Correlations of the frames of a recording with themselves, several frames at once. Not thread-safe.
/// </summary>
internal abstract class FrameCorrelation
{
    protected FrameCorrelation(SampleSignal signal, double floor, double step, double periods, double window)
    {
        Signal = signal;
        Rate = signal.Rate;
        Times = FrameGrid.Times(signal.Length * (1 / Rate), window, step);
        Period = (int)Math.Floor(Rate / floor);
        Count = (int)Math.Floor(periods / floor * Rate);
        Half = (Count / 2) - 1;
        Longest = Half < 1 ? 0 : Math.Min((int)Math.Floor(2 * Half / periods) + 2, 2 * Half);
    }

    /// <summary>The middle of each frame (s).</summary>
    public double[] Times { get; }

    /// <summary>The lags of a row, from 0 on; 0 where the rate is too low for the floor.</summary>
    public int Width { get; protected init; }

    /// <summary>Lags from here on are not looked at.</summary>
    public int Longest { get; }

    protected SampleSignal Signal { get; }

    protected double Rate { get; }

    /// <summary>Samples of the longest period.</summary>
    protected int Period { get; }

    /// <summary>Samples of a window.</summary>
    protected int Count { get; }

    /// <summary>Half the samples that are used.</summary>
    protected int Half { get; }

    /// <summary>Correlates frames.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="frames">How many, at most <see cref="FourierTransform.Lanes"/>.</param>
    /// <param name="rows">Receives <see cref="Width"/> correlations of each, from lag 0 on.</param>
    /// <param name="intensity">Receives the peak of each as a share of the recording's.</param>
    public abstract void Compute(int first, int frames, double[][] rows, double[] intensity);

    /// <summary>The mean of one longest period on each side of a sample.</summary>
    protected double LocalMean(long left)
    {
        long from = Math.Clamp(left - Period + 1, 0, Signal.Length);
        long to = Math.Clamp(left + Period + 1, from, Signal.Length);
        return to == from ? 0 : VectorMath.Sum(Signal.Read(from, (int)(to - from))) / (to - from);
    }

    /// <summary>The peak of the middle period of a frame as a share of the recording's.</summary>
    protected double Intensity(ReadOnlySpan<double> frame)
    {
        int halfPeriod = (Period / 2) + 1;
        int from = Math.Max(0, Half - halfPeriod), to = Math.Min(frame.Length, Half + halfPeriod);
        double loudest = VectorMath.MaxMagnitude(frame[from..to]);
        return Signal.PeakAboutMean > 0 ? Math.Min(1, loudest / Signal.PeakAboutMean) : 0;
    }

    /// <summary>Puts a frame into a lane.</summary>
    protected static void Scatter(ReadOnlySpan<double> frame, Vector<double>[] lanes, int lane)
    {
        Span<double> all = MemoryMarshal.Cast<Vector<double>, double>(lanes.AsSpan());
        for (int i = 0, at = lane; i < frame.Length; i++, at += FourierTransform.Lanes)
        {
            all[at] = frame[i];
        }
    }

    /// <summary>The first values of a lane.</summary>
    protected static void Gather(Vector<double>[] lanes, int lane, Span<double> values)
    {
        ReadOnlySpan<double> all = MemoryMarshal.Cast<Vector<double>, double>(lanes.AsSpan());
        for (int i = 0, at = lane; i < values.Length; i++, at += FourierTransform.Lanes)
        {
            values[i] = all[at];
        }
    }
}
