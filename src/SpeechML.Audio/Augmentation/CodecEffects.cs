using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// The losses of MP3 without a codec: the band is limited and spectral lines are quantised coarsely, so that a frame
/// fits the bits that its share of the bit
/// rate gives (see the remarks). Length and timing stay. audiomentations runs a real encoder instead; its
/// <c>backend</c>, <c>quality</c> and <c>preserve_delay</c> have no counterpart.
/// </summary>
/// <remarks>
/// Frames of 1024 samples, half overlapping, by the modified discrete cosine transform with a sine window; MP3's
/// quantiser, round(|X / step|^(3/4)), with
/// steps that follow the square root of the band's level (louder bands hide more noise); the steps of a frame are
/// scaled by one gain until the lines
/// need no more bits than there are. The upper edge, 650 Hz · (kbit/s)^0.7, is near what encoders choose for one
/// channel.
/// </remarks>
public sealed class Mp3Compression(int minBitrate = 8, int maxBitrate = 64, double p = 0.5) : AudioEffect(p)
{
    private static readonly int[] s_bitrates =
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320];

    private readonly int[] _bitrates = Supported(minBitrate, maxBitrate);

    /// <summary>Lowest bit rate (kbit/s).</summary>
    public int MinBitrate { get; } = minBitrate;

    /// <summary>Highest bit rate (kbit/s).</summary>
    public int MaxBitrate { get; } = maxBitrate;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random) =>
        SpectralQuantizer.Run(samples, rate, _bitrates[random.Whole(0, _bitrates.Length - 1)]);

    private static int[] Supported(int min, int max)
    {
        int[] supported = [.. s_bitrates.Where(b => b >= min && b <= max)];
        EffectChecks.Check(min >= s_bitrates[0] && max <= s_bitrates[^1] && supported.Length > 0,
            nameof(Mp3Compression),
            $"minBitrate up to maxBitrate around at least one of {string.Join(", ", s_bitrates)} kbit/s",
            $"{min} and {max}");
        return supported;
    }
}

/// <summary>
/// Companding by the mu-law formula and a uniform quantiser, as <c>torchaudio.functional.mu_law_encoding</c> and back;
/// magnitudes above 1 are clipped. Not the
/// bytes of G.711. Not in audiomentations.
/// </summary>
public sealed class MuLawCompression(int levels = 256, double p = 0.5) : AudioEffect(p)
{
    /// <summary>The number of quantiser levels, 2 to 65536.</summary>
    public int Levels { get; } = (int)EffectChecks.InRange(nameof(MuLawCompression), levels, 2, 65536);

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        double mu = Levels - 1, logarithm = Math.Log(1 + mu);
        return Array.ConvertAll(samples, s =>
        {
            int code = Encode(s, mu);
            double y = (code / mu * 2) - 1;
            return (float)(Math.Sign(y) * (Math.Exp(Math.Abs(y) * logarithm) - 1) / mu);
        });
    }

    /// <summary>The quantiser level, 0 to mu.</summary>
    internal static int Encode(float sample, double mu)
    {
        double x = Math.Clamp(sample, -1f, 1f);
        double y = Math.Sign(x) * Math.Log(1 + (mu * Math.Abs(x))) / Math.Log(1 + mu);
        return (int)(((y + 1) / 2 * mu) + 0.5);
    }
}

/// <summary>
/// Limits the band by resampling to a low rate and back. The length stays. Audio at or below that rate stays as it is.
/// Not in audiomentations.
/// </summary>
public sealed class TelephoneBand(int rate = 8000, double p = 0.5) : AudioEffect(p)
{
    /// <summary>The low rate (Hz); half of it is the upper edge.</summary>
    public int Rate { get; } = (int)EffectChecks.InRange(nameof(TelephoneBand), rate, 100, 1_000_000, " Hz");

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        if (rate <= Rate)
        {
            return samples;
        }
        float[] result = Resampler.ResampleAny(Resampler.ResampleAny(samples, rate, Rate), Rate, rate);
        Array.Resize(ref result, samples.Length);
        return result;
    }
}
