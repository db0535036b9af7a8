using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Base of the Butterworth filters with one edge, drawn on the mel scale. (audiomentations starts them in a steady
/// state of the first sample; here the state is zero.)
/// </summary>
public abstract class EdgeFilter : AudioEffect
{
    private readonly Interval _cutoff;
    private readonly RolloffRange _rolloff;
    private readonly FilterBand _band;

    private protected EdgeFilter(
        string effect, FilterBand band, double minCutoffFreq, double maxCutoffFreq, int minRolloff, int maxRolloff,
        bool zeroPhase, double p)
        : base(p)
    {
        _cutoff = Interval.Create(effect, minCutoffFreq, maxCutoffFreq, 1, 1e6, " Hz");
        _rolloff = RolloffRange.Create(effect, minRolloff, maxRolloff, zeroPhase);
        _band = band;
    }

    /// <summary>Lowest edge (Hz); half the sample rate is not exceeded.</summary>
    public double MinCutoffFreq => _cutoff.Min;

    /// <summary>Highest edge (Hz).</summary>
    public double MaxCutoffFreq => _cutoff.Max;

    /// <summary>Smallest steepness (dB per octave), a multiple of 6, or of 12 with <see cref="ZeroPhase"/>.</summary>
    public int MinRolloff => _rolloff.Min;

    /// <summary>Largest steepness (dB per octave).</summary>
    public int MaxRolloff => _rolloff.Max;

    /// <summary>Whether the filter runs forwards and backwards: no delay, and 6 dB instead of 3 at the edge.</summary>
    public bool ZeroPhase => _rolloff.ZeroPhase;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int order = _rolloff.DrawOrder(random);
        double cutoff = Math.Min(_cutoff.DrawOnMelScale(random), rate / 2.0 * 0.9999);
        return ButterworthFilter.Design(_band, order, cutoff, 0, rate).Run(samples, ZeroPhase);
    }
}

/// <summary>
/// Base of the Butterworth filters with two edges. The centre is drawn on the mel scale, the width as a share of it.
/// The state starts at zero.
/// </summary>
public abstract class TwoEdgeFilter : AudioEffect
{
    private readonly Interval _center;
    private readonly Interval _bandwidth;
    private readonly RolloffRange _rolloff;
    private readonly FilterBand _band;

    private protected TwoEdgeFilter(
        string effect, FilterBand band, double minCenterFreq, double maxCenterFreq, double minBandwidthFraction,
        double maxBandwidthFraction, int minRolloff, int maxRolloff, bool zeroPhase, double p)
        : base(p)
    {
        _center = Interval.Create(effect, minCenterFreq, maxCenterFreq, 1, 1e6, " Hz");
        _bandwidth = Interval.Create(
            effect, minBandwidthFraction, maxBandwidthFraction, 0.001, 1.999, " of the centre");
        _rolloff = RolloffRange.Create(effect, minRolloff, maxRolloff, zeroPhase);
        _band = band;
    }

    /// <summary>Lowest centre (Hz).</summary>
    public double MinCenterFreq => _center.Min;

    /// <summary>Highest centre (Hz).</summary>
    public double MaxCenterFreq => _center.Max;

    /// <summary>Smallest width, as a share of the centre, above 0.</summary>
    public double MinBandwidthFraction => _bandwidth.Min;

    /// <summary>Largest width, as a share of the centre, below 2.</summary>
    public double MaxBandwidthFraction => _bandwidth.Max;

    /// <inheritdoc cref="EdgeFilter.MinRolloff"/>
    public int MinRolloff => _rolloff.Min;

    /// <inheritdoc cref="EdgeFilter.MaxRolloff"/>
    public int MaxRolloff => _rolloff.Max;

    /// <inheritdoc cref="EdgeFilter.ZeroPhase"/>
    public bool ZeroPhase => _rolloff.ZeroPhase;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        int order = _rolloff.DrawOrder(random);
        double center = _center.DrawOnMelScale(random), width = center * _bandwidth.Draw(random);
        // A band beyond half the rate keeps what is below it; one that lies wholly beyond is moved to the top.
        double high = Math.Min(center + (width / 2), rate / 2.0 * 0.9999);
        double low = Math.Min(center - (width / 2), high * 0.95);
        return ButterworthFilter.Design(_band, order, low, high, rate).Run(samples, ZeroPhase);
    }
}

/// <summary>Removes what is above a random frequency.</summary>
public sealed class LowPassFilter(
    double minCutoffFreq = 150, double maxCutoffFreq = 7500, int minRolloff = 12, int maxRolloff = 24,
    bool zeroPhase = false, double p = 0.5)
    : EdgeFilter(nameof(LowPassFilter), FilterBand.Low, minCutoffFreq, maxCutoffFreq, minRolloff, maxRolloff, zeroPhase,
        p);

/// <summary>Removes what is below a random frequency.</summary>
public sealed class HighPassFilter(
    double minCutoffFreq = 20, double maxCutoffFreq = 2400, int minRolloff = 12, int maxRolloff = 24,
    bool zeroPhase = false, double p = 0.5)
    : EdgeFilter(nameof(HighPassFilter), FilterBand.High, minCutoffFreq, maxCutoffFreq, minRolloff, maxRolloff,
        zeroPhase, p);

/// <summary>Removes what is outside a random band.</summary>
public sealed class BandPassFilter(
    double minCenterFreq = 200, double maxCenterFreq = 4000, double minBandwidthFraction = 0.5,
    double maxBandwidthFraction = 1.99, int minRolloff = 12, int maxRolloff = 24, bool zeroPhase = false,
    double p = 0.5)
    : TwoEdgeFilter(nameof(BandPassFilter), FilterBand.Pass, minCenterFreq, maxCenterFreq, minBandwidthFraction,
        maxBandwidthFraction, minRolloff, maxRolloff, zeroPhase, p);

/// <summary>Removes what is inside a random band.</summary>
public sealed class BandStopFilter(
    double minCenterFreq = 200, double maxCenterFreq = 4000, double minBandwidthFraction = 0.5,
    double maxBandwidthFraction = 1.99, int minRolloff = 12, int maxRolloff = 24, bool zeroPhase = false,
    double p = 0.5)
    : TwoEdgeFilter(nameof(BandStopFilter), FilterBand.Stop, minCenterFreq, maxCenterFreq, minBandwidthFraction,
        maxBandwidthFraction, minRolloff, maxRolloff, zeroPhase, p);
