using System.Numerics;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>Formants: the poles of the linear prediction of each frame.</summary>
internal static class FormantTracker
{
    /// <summary>Poles nearer to 0 Hz and to half the rate are the spectrum's slope (Hz).</summary>
    private const double Margin = 50;

    public static FormantContour Track(SampleSignal recording, FormantOptions given)
    {
        FormantOptions options = given.For((int)recording.Rate);
        double step = options.Step > 0 ? options.Step : options.Window / 4;
        double rate = 2 * options.Ceiling;
        var signal = new ResampledSignal(recording, rate, options.PreEmphasisFrom);
        double total = signal.Length * (1 / rate);
        double span = Math.Min(2 * options.Window, total);
        int frames = signal.Length == 0 || recording.Rate < Signal.LeastRate ? 0
            : checked((int)Math.Floor((total - span) / step)) + 1;
        double start = signal.FirstTime + (0.5 * (total - (1 / rate) - ((frames - 1) * step)));
        int n = (int)Math.Floor(span / (1 / rate));
        double[] window = Gaussian(n);
        double[] times = new double[frames];
        double[][] frequency = Rows(options.Count, frames), bandwidth = Rows(options.Count, frames);
        double[] frame = new double[n];
        var prediction = new BurgPrediction(2 * options.Count);
        var poles = new Complex[2 * options.Count];
        var found = new List<(double Frequency, double Bandwidth)>();
        for (int k = 0; k < frames; k++)
        {
            times[k] = start + (k * step);
            // Counting from 1 settles ties as the reference does.
            long first = (long)Math.Floor(((times[k] - signal.FirstTime) / (1 / rate)) + 1) - (n / 2);
            (int from, int count) = signal.Copy(first, frame);
            Span<double> part = frame.AsSpan(from, count);
            if (count < (2 * options.Count) + 2 || part.IndexOfAnyExcept(0) < 0)
            {
                continue;
            }
            VectorMath.Multiply(part, window.AsSpan(from, count));
            ReadOnlySpan<double> coefficients = prediction.Predict(part);
            if (coefficients.IsEmpty)
            {
                continue;
            }
            PolynomialRoots.Find(coefficients, poles);
            Collect(poles, rate, found);
            for (int j = 0; j < Math.Min(options.Count, found.Count); j++)
            {
                (frequency[j][k], bandwidth[j][k]) = found[j];
            }
        }
        return new FormantContour(times, step, frequency, bandwidth, options.Ceiling);
    }

    private static double[][] Rows(int count, int frames)
    {
        double[][] rows = new double[count][];
        for (int j = 0; j < count; j++)
        {
            rows[j] = new double[frames];
            Array.Fill(rows[j], double.NaN);
        }
        return rows;
    }

    /// <summary>A Gaussian window that reaches 0 at both ends: e^-12 is subtracted.</summary>
    public static double[] Gaussian(int n)
    {
        double edge = Math.Exp(-12);
        double[] window = new double[n];
        for (int i = 0; i < n; i++)
        {
            double place = i + 1 - ((n + 1) / 2.0);
            window[i] = (Math.Exp(-48 * (place * place) / ((n + 1.0) * (n + 1.0))) - edge) / (1 - edge);
        }
        return window;
    }

    private static void Collect(
        ReadOnlySpan<Complex> poles, double rate, List<(double Frequency, double Bandwidth)> found)
    {
        found.Clear();
        foreach (Complex pole in poles)
        {
            // Of a pair one counts; a pole outside the unit circle counts as its mirror image inside.
            double radius = Complex.Abs(pole);
            double frequency = Math.Atan2(pole.Imaginary, pole.Real) * rate / (2 * Math.PI);
            if (pole.Imaginary >= 0 && frequency >= Margin && frequency <= (rate / 2) - Margin)
            {
                found.Add((frequency, -Math.Log(radius > 1 ? 1 / radius : radius) * rate / Math.PI));
            }
        }
        found.Sort();
    }
}
