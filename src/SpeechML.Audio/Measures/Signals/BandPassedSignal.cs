using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Signals;

/// <summary>A pass band of 80 to 8000 Hz with raised-cosine edges of 80 Hz on each side of its limits.</summary>
internal sealed class BandPassedSignal(Signal source) : FilteredSignal(source, source.Length, source.Rate)
{
    private const double Low = 80, High = 8000, Slope = 80;

    protected override void Filter(LongTransform transform)
    {
        for (int k = 0; k < transform.Re.Length; k++)
        {
            double f = k * Rate / transform.Size;
            double gain = Rise((f - Low + Slope) / (2 * Slope)) * (1 - Rise((f - High + Slope) / (2 * Slope)));
            transform.Re[k] *= gain;
            transform.Im[k] *= gain;
        }
    }

    protected override void Compute(long first, Span<double> values) => Filter(first, values);

    private static double Rise(double place) =>
        place <= 0 ? 0 : place >= 1 ? 1 : 0.5 - (0.5 * Math.Cos(Math.PI * place));
}
