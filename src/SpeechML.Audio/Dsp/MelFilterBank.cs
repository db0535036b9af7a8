namespace SpeechML.Audio.Dsp;

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
        return Slaney([.. Enumerable.Range(0, bins).Select(bin => top * bin / (bins - 1))], mels, top);
    }

    /// <summary>The filters of bins anywhere, (bins, mels).</summary>
    /// <param name="frequencies">Frequency of each bin in Hz.</param>
    /// <param name="mels">Mel bands.</param>
    /// <param name="top">Where the highest band ends, in Hz.</param>
    public static double[,] Slaney(double[] frequencies, int mels, double top)
    {
        double highest = ToMel(top);
        double[] edges = new double[mels + 2];
        for (int i = 0; i < edges.Length; i++)
        {
            edges[i] = ToHertz(highest * i / (mels + 1));
        }
        var filters = new double[frequencies.Length, mels];
        for (int bin = 0; bin < frequencies.Length; bin++)
        {
            for (int mel = 0; mel < mels; mel++)
            {
                double rising = (frequencies[bin] - edges[mel]) / (edges[mel + 1] - edges[mel]);
                double falling = (edges[mel + 2] - frequencies[bin]) / (edges[mel + 2] - edges[mel + 1]);
                filters[bin, mel] = Math.Max(0, Math.Min(rising, falling)) * (2 / (edges[mel + 2] - edges[mel]));
            }
        }
        return filters;
    }

    /// <summary>The part of each filter (bins, mels) that is not 0: its first bin and the weights from there.</summary>
    public static (int First, double[] Weights)[] Bands(double[,] filters) =>
        [.. Enumerable.Range(0, filters.GetLength(1)).Select(mel => Band(
            [.. Enumerable.Range(0, filters.GetLength(0)).Select(bin => filters[bin, mel])]))];

    /// <summary>The part of a filter that is not 0: its first bin and the weights from there.</summary>
    public static (int First, double[] Weights) Band(double[] filter)
    {
        int first = Array.FindIndex(filter, weight => weight > 0);
        return first < 0 ? (0, []) : (first, filter[first..(Array.FindLastIndex(filter, weight => weight > 0) + 1)]);
    }

    private static double ToMel(double hertz) =>
        hertz < BreakHertz ? 3 * hertz / 200 : BreakMel + Math.Log(hertz / BreakHertz) / s_logStep;

    private static double ToHertz(double mel) =>
        mel < BreakMel ? 200 * mel / 3 : BreakHertz * Math.Exp(s_logStep * (mel - BreakMel));
}
