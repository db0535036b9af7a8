using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;
using SpeechML.Audio.Measures.Voicing;

namespace SpeechML.Audio.Measures.Timing;

/// <summary>Intensity: squares under a Kaiser window.</summary>
internal static class IntensityTracker
{
    public static IntensityContour Track(Signal signal, IntensityOptions options)
    {
        double rate = signal.Rate;
        double step = options.Step > 0 ? options.Step : 0.8 / options.Floor;
        double half = 3.2 / options.Floor;
        double[] times = FrameGrid.Times(signal.Length * (1 / rate), 2 * half, step);
        double[] levels = new double[times.Length];
        double[] window = Window(half, rate);
        int reach = (window.Length - 1) / 2;
        double[] frame = new double[window.Length];
        for (int k = 0; k < times.Length; k++)
        {
            (int from, int count) = signal.Copy(FrameGrid.Nearest(times[k], rate) - reach, frame);
            levels[k] = Level(frame.AsSpan(from, count), window.AsSpan(from, count), options.SubtractMean);
        }
        return new IntensityContour(times, step, levels);
    }

    private static double Level(Span<double> frame, ReadOnlySpan<double> window, bool subtractMean)
    {
        double mean = subtractMean ? VectorMath.Sum(frame) / frame.Length : 0;
        double power = VectorMath.WeightedSquares(frame, mean, window) / VectorMath.Sum(window)
            / MeasureMath.ReferencePower;
        const double Nothing = 1e-30;
        return power < Nothing ? MeasureMath.Silence : 10 * Math.Log10(power);
    }

    private static double[] Window(double half, double rate)
    {
        int n = (int)Math.Floor(half * rate);
        double[] window = new double[(2 * n) + 1];
        for (int offset = -n; offset <= n; offset++)
        {
            double place = offset / rate / half;
            window[n + offset] = Math.Abs(offset) >= half * rate ? 0
                : BesselI0(((2 * Math.PI * Math.PI) + 0.5) * Math.Sqrt(Math.Max(0, 1 - (place * place))));
        }
        return window;
    }

    /// <summary>The modified Bessel function of the first kind and order 0, by its power series.</summary>
    private static double BesselI0(double x)
    {
        double term = 1, sum = 1;
        for (int k = 1; term > 1e-16 * sum; k++)
        {
            term *= x / 2 / k * (x / 2 / k);
            sum += term;
        }
        return sum;
    }
}
