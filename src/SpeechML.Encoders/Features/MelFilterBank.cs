namespace SpeechML.Encoders.Features;

/// <summary>
/// Triangular filters on Slaney's mel scale with Slaney's area normalisation (M. Slaney, Auditory Toolbox, 1998), as
/// <c>transformers.audio_utils.mel_filter_bank(bins, mels, 0, rate / 2, rate, norm="slaney", mel_scale="slaney")</c>.
/// </summary>
internal static class MelFilterBank
{
    // Linear below 1000 Hz, logarithmic above.
    private const double BreakHertz = 1000;
    private const double BreakMel = 15;
    private static readonly double s_logStep = Math.Log(6.4) / 27;

    /// <summary>The filters, (bins, mels): weight of a power-spectrum bin in a mel band.</summary>
    /// <param name="bins">Frequency bins from 0 Hz to half the sample rate.</param>
    /// <param name="mels">Mel bands.</param>
    /// <param name="sampleRate">Sample rate in Hz.</param>
    public static double[,] Slaney(int bins, int mels, int sampleRate)
    {
        double top = sampleRate / 2.0;
        double highest = ToMel(top);
        double[] edges = new double[mels + 2];
        for (int i = 0; i < edges.Length; i++)
        {
            edges[i] = ToHertz(highest * i / (mels + 1));
        }
        var filters = new double[bins, mels];
        for (int bin = 0; bin < bins; bin++)
        {
            double frequency = top * bin / (bins - 1);
            for (int mel = 0; mel < mels; mel++)
            {
                double rising = (frequency - edges[mel]) / (edges[mel + 1] - edges[mel]);
                double falling = (edges[mel + 2] - frequency) / (edges[mel + 2] - edges[mel + 1]);
                filters[bin, mel] = Math.Max(0, Math.Min(rising, falling)) * (2 / (edges[mel + 2] - edges[mel]));
            }
        }
        return filters;
    }

    private static double ToMel(double hertz) =>
        hertz < BreakHertz ? 3 * hertz / 200 : BreakMel + Math.Log(hertz / BreakHertz) / s_logStep;

    private static double ToHertz(double mel) =>
        mel < BreakMel ? 200 * mel / 3 : BreakHertz * Math.Exp(s_logStep * (mel - BreakMel));
}
