using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;

namespace SpeechML.Audio.Measures.Spectral;

/// <summary>
/// Measures of the spectrum of a whole recording; a long one is cut into overlapping segments under a sine window,
/// whose energies are added (P. D. Welch 1967), so that memory is bounded: the windows' squares add up to 1.
/// </summary>
internal static class ClipSpectrum
{
    private const int LongestSegment = 1 << 17; // 8 s at 16 kHz

    public static VoiceSpectrum Measure(SampleSignal signal, SpectrumOptions options)
    {
        double rate = signal.Rate, duration = signal.Length / rate;
        double[] density = signal.Length < 2 ? [] : Density(signal);
        if (density.Length < 2)
        {
            return new VoiceSpectrum(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN,
                double.NaN, [], []);
        }
        double step = rate / (2.0 * (density.Length - 1));
        double high = Math.Min(options.High, rate / 2);
        (double[] centres, double[] levels) = Bands(density, step, duration, options.Band);
        if (!(VectorMath.Sum(density) > 0))
        {
            return new VoiceSpectrum(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN,
                double.NaN, centres, levels);
        }
        (double centre, double deviation, double skewness, double kurtosis) = Moments(density, step);
        double upper = Energy(density, step, options.Split, high);
        double lower = Energy(density, step, options.Low, options.Split);
        List<double> x = [], y = [];
        double below = double.NegativeInfinity, above = double.NegativeInfinity;
        for (int i = 0; i < centres.Length; i++)
        {
            double f = centres[i];
            below = f < options.HammarbergSplit ? Math.Max(below, levels[i]) : below;
            above = f > options.HammarbergSplit && f < high ? Math.Max(above, levels[i]) : above;
            if (f > options.Low && f < high)
            {
                x.Add(f / 1000);
                y.Add(levels[i]);
            }
        }
        return new VoiceSpectrum(centre, deviation, skewness, kurtosis,
            upper > 0 && lower > 0 ? 10 * Math.Log10(upper / lower) : double.NaN,
            double.IsFinite(below) && double.IsFinite(above) ? below - above : double.NaN,
            Slope(centres, levels, options), MeasureMath.Slope(x, y), centres, levels);
    }

    /// <summary>Energy density of bins 0 … half the rate (Pa² s/Hz).</summary>
    private static double[] Density(SampleSignal signal)
    {
        bool whole = signal.Length <= signal.LargestWhole;
        int count = (int)(whole ? signal.Length : Math.Min(LongestSegment, signal.LargestWhole));
        LongTransform transform = whole ? signal.Transforms.OfWhole(signal, 0) : signal.Transforms.For(count);
        double[] density = new double[transform.Re.Length];
        double scale = 2 / (signal.Rate * signal.Rate);
        if (whole)
        {
            Add();
            return density;
        }
        double[] samples = new double[count];
        for (long from = -count / 2; from < signal.Length; from += count / 2)
        {
            signal.Copy(from, samples);
            for (int i = 0; i < count; i++)
            {
                samples[i] *= Math.Sin(Math.PI * (i + 0.5) / count);
            }
            transform.Forward(samples);
            Add();
        }
        return density;

        void Add()
        {
            for (int k = 0; k < density.Length; k++)
            {
                density[k] += scale * ((transform.Re[k] * transform.Re[k]) + (transform.Im[k] * transform.Im[k]));
            }
        }
    }

    private static (double Centre, double Deviation, double Skewness, double Kurtosis) Moments(
        double[] density, double step)
    {
        double total = 0, first = 0;
        for (int k = 0; k < density.Length; k++)
        {
            total += density[k];
            first += k * step * density[k];
        }
        double centre = first / total, second = 0, third = 0, fourth = 0;
        for (int k = 0; k < density.Length; k++)
        {
            double distance = (k * step) - centre, square = distance * distance;
            second += square * density[k];
            third += square * distance * density[k];
            fourth += square * square * density[k];
        }
        (second, third, fourth) = (second / total, third / total, fourth / total);
        return (centre, Math.Sqrt(second), third / Math.Pow(second, 1.5), (fourth / (second * second)) - 3);
    }

    /// <summary>Energy between two frequencies: a bin is a rectangle about its frequency, cut at the limits.</summary>
    private static double Energy(double[] density, double step, double low, double high)
    {
        int first = (int)Math.Max(0, Math.Floor(low / step) - 1);
        int last = (int)Math.Min(density.Length - 1, Math.Ceiling(high / step) + 1);
        double sum = 0;
        for (int k = first; k <= last; k++)
        {
            double f = k * step;
            sum += density[k] * Math.Max(0, Math.Min(f + (step / 2), high) - Math.Max(f - (step / 2), low));
        }
        return sum;
    }

    private static (double[] Centres, double[] Levels) Bands(
        double[] density, double step, double duration, double width)
    {
        const double Rounding = 1e-9;
        int count = (int)Math.Floor(((density.Length - 1) * step / width) + Rounding);
        double[] centres = new double[count], levels = new double[count];
        for (int k = 0; k < count; k++)
        {
            centres[k] = (k + 0.5) * width;
            double power = Energy(density, step, k * width, (k + 1) * width) / width / duration;
            levels[k] = power > 0 ? 10 * Math.Log10(power / MeasureMath.ReferencePower) : MeasureMath.Silence;
        }
        return (centres, levels);
    }

    private static double Slope(double[] centres, double[] levels, SpectrumOptions options)
    {
        double upper = 0, lower = 0;
        int inUpper = 0, inLower = 0;
        for (int i = 0; i < centres.Length; i++)
        {
            double power = Math.Pow(10, levels[i] / 10);
            if (centres[i] >= options.SlopeHighFrom && centres[i] < options.SlopeHighTo)
            {
                upper += power;
                inUpper++;
            }
            if (centres[i] >= options.SlopeLowFrom && centres[i] < options.SlopeLowTo)
            {
                lower += power;
                inLower++;
            }
        }
        return inUpper == 0 || inLower == 0 ? double.NaN : 10 * Math.Log10(upper / inUpper / (lower / inLower));
    }
}
