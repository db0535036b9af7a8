namespace SpeechML.Audio.Measures;

/// <summary>
/// Measures how much of the channels their mean keeps. Channels that have nothing in common lose 3 dB with each
/// doubling of their number; those of a cable with one wire inverted cancel.
/// </summary>
internal sealed class ChannelMeter(int channels)
{
    /// <summary>20 dB below two channels that have nothing in common, 17 dB below what more would keep.</summary>
    private const double MinShare = 0.02;

    private readonly double[] _sums = new double[channels];
    private readonly double[] _squares = new double[channels];
    private double _sum;
    private double _square;
    private long _frames;

    /// <summary>Takes the next frames.</summary>
    /// <param name="interleaved">The channels.</param>
    /// <param name="mean">Their mean.</param>
    public void Add(ReadOnlySpan<float> interleaved, ReadOnlySpan<float> mean)
    {
        for (int c = 0; c < channels; c++)
        {
            double sum = 0, squares = 0;
            for (int at = c; at < interleaved.Length; at += channels)
            {
                sum += interleaved[at];
                squares += (double)interleaved[at] * interleaved[at];
            }
            _sums[c] += sum;
            _squares[c] += squares;
        }
        foreach (float sample in mean)
        {
            _sum += sample;
            _square += (double)sample * sample;
        }
        _frames += mean.Length;
    }

    /// <summary>
    /// By how many decibels the mean lies below the channels where they cancel (infinity where nothing is left of
    /// them), offsets aside; <see langword="null"/> where they do not.
    /// </summary>
    public double? Cancelled()
    {
        if (channels < 2 || _frames == 0)
        {
            return null;
        }
        double ofChannels = 0;
        for (int c = 0; c < channels; c++)
        {
            ofChannels += Variance(_sums[c], _squares[c]) / channels;
        }
        double ofMean = Variance(_sum, _square);
        const double Silence = 1e-10; // -100 dB
        return ofChannels <= Silence || ofMean * channels >= MinShare * ofChannels
            ? null : -10 * Math.Log10(ofMean / ofChannels);
    }

    private double Variance(double sum, double squares)
    {
        double mean = sum / _frames;
        return Math.Max(0, (squares / _frames) - (mean * mean));
    }
}
