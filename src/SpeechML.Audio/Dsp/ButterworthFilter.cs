using System.Numerics;

namespace SpeechML.Audio.Dsp;

/// <summary>What a filter lets through.</summary>
internal enum FilterBand
{
    Low,
    High,
    Pass,
    Stop,
}

/// <summary>
/// A digital Butterworth filter in sections of second order: analogue prototype, transformed to the band, then
/// bilinearly, with the edges pre-warped
/// (Parks and Burrus 1987, "Digital Filter Design", chapter 7); equal to scipy's <c>butter</c> and <c>sosfilt</c>. A
/// band filter of order n has 2n poles.
/// </summary>
internal sealed class ButterworthFilter
{
    private readonly Section[] _sections;

    private ButterworthFilter(List<Section> sections) => _sections = [.. sections];

    /// <summary>Designs a filter.</summary>
    /// <param name="band">Its kind.</param>
    /// <param name="order">Order of the prototype.</param>
    /// <param name="low">The edge, or the lower of two (Hz).</param>
    /// <param name="high">The upper edge of a band (Hz).</param>
    /// <param name="rate">The sample rate (Hz).</param>
    public static ButterworthFilter Design(FilterBand band, int order, double low, double high, int rate)
    {
        double edge = Warp(low, rate), upper = Warp(high, rate);
        double width = upper - edge, centre = Math.Sqrt(edge * upper);
        bool hasOneEdge = band is FilterBand.Low or FilterBand.High;
        // Where the response is 1: at zero, at half the rate, or at the centre of the band.
        Complex unity = band switch
        {
            FilterBand.High => -1,
            FilterBand.Pass => Bilinear(new Complex(0, centre)),
            _ => 1,
        };
        double notch = Bilinear(new Complex(0, centre)).Real;
        (double B1, double B2) zeros =
            band switch
            {
                FilterBand.Low => (2, 1),
                FilterBand.High => (-2, 1),
                FilterBand.Pass => (0, -1),
                _ => (-2 * notch, 1)
            };
        var sections = new List<Section>();
        // One pole of each conjugate pair; the real one of an odd order comes last.
        for (int k = 0; k < (order + 1) / 2; k++)
        {
            bool isReal = 2 * k == order - 1;
            Complex pole = isReal ? -1 : Complex.FromPolarCoordinates(1, Math.PI * ((2 * k) + order + 1) / (2 * order));
            if (hasOneEdge)
            {
                Complex z = Bilinear(band == FilterBand.Low ? pole * edge : edge / pole);
                sections.Add(isReal
                    ? Section.Create(band == FilterBand.Low ? 1 : -1, 0, -z.Real, 0, unity)
                    : Section.Create(zeros.B1, zeros.B2, -2 * z.Real, MagnitudeSquare(z), unity));
                continue;
            }
            Complex half = (band == FilterBand.Pass ? pole * width : width / pole) / 2;
            Complex root = Complex.Sqrt((half * half) - (centre * centre));
            Complex first = Bilinear(half + root), second = Bilinear(half - root);
            if (isReal)
            {
                sections.Add(Section.Create(zeros.B1, zeros.B2, -(first + second).Real, (first * second).Real, unity));
            }
            else
            {
                sections.Add(Section.Create(zeros.B1, zeros.B2, -2 * first.Real, MagnitudeSquare(first), unity));
                sections.Add(Section.Create(zeros.B1, zeros.B2, -2 * second.Real, MagnitudeSquare(second), unity));
            }
        }
        return new ButterworthFilter(sections);
    }

    /// <summary>
    /// Filters from a zero state; with <paramref name="zeroPhase"/> forwards and backwards as scipy's
    /// <c>sosfiltfilt</c>.
    /// </summary>
    public float[] Run(float[] samples, bool zeroPhase)
    {
        if (!zeroPhase)
        {
            double[] once = Array.ConvertAll(samples, s => (double)s);
            foreach (Section section in _sections)
            {
                section.Run(once, isSteady: false);
            }
            return Array.ConvertAll(once, s => (float)s);
        }
        // Continued at both ends by its own point reflection, so that the ends do not ring.
        int edge = Math.Min(samples.Length - 1, 3 * ((2 * _sections.Length) + 1));
        double[] padded = new double[samples.Length + (2 * edge)];
        for (int i = 0; i < padded.Length; i++)
        {
            int at = i - edge;
            padded[i] = at < 0 ? (2.0 * samples[0]) - samples[-at]
                : at >= samples.Length ? (2.0 * samples[^1]) - samples[(2 * (samples.Length - 1)) - at]
                : samples[at];
        }
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (Section section in _sections)
            {
                section.Run(padded, isSteady: true);
            }
            Array.Reverse(padded);
        }
        return Array.ConvertAll(padded[edge..(edge + samples.Length)], s => (float)s);
    }

    private static double MagnitudeSquare(Complex z) => (z.Real * z.Real) + (z.Imaginary * z.Imaginary);

    private static double Warp(double frequency, int rate) => Math.Tan(Math.PI * frequency / rate);

    private static Complex Bilinear(Complex s) => (1 + s) / (1 - s);

    /// <summary>One section: <c>(b0 + b1/z + b2/z²) / (1 + a1/z + a2/z²)</c>.</summary>
    private readonly record struct Section(double B0, double B1, double B2, double A1, double A2)
    {
        /// <summary>
        /// A section with a numerator that begins with 1, scaled so that its magnitude at <paramref name="unity"/> is
        /// 1.
        /// </summary>
        public static Section Create(double b1, double b2, double a1, double a2, Complex unity)
        {
            Complex inverse = 1 / unity;
            Complex response = (1 + (b1 * inverse) + (b2 * inverse * inverse)) / (1 + (a1 * inverse) +
                (a2 * inverse * inverse));
            double gain = 1 / response.Magnitude;
            return new Section(gain, gain * b1, gain * b2, a1, a2);
        }

        /// <summary>
        /// Filters in place, transposed direct form II; from rest, or as if the first value had always been there.
        /// </summary>
        public void Run(double[] values, bool isSteady)
        {
            double constant = isSteady ? values[0] * (B0 + B1 + B2) / (1 + A1 + A2) : 0;
            double first = isSteady ? constant - (B0 * values[0]) : 0;
            double second = isSteady ? (B2 * values[0]) - (A2 * constant) : 0;
            for (int i = 0; i < values.Length; i++)
            {
                double x = values[i], y = (B0 * x) + first;
                first = (B1 * x) - (A1 * y) + second;
                second = (B2 * x) - (A2 * y);
                values[i] = y;
            }
        }
    }
}
