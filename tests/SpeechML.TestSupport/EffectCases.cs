
namespace SpeechML.TestSupport;

/// <summary>
/// One of each effect and composition, applied always (or with another probability), and what its length must be.
/// </summary>
/// <param name="Create">Makes it, with a probability.</param>
/// <param name="Lengths">The lengths allowed for a clip of some samples at 16 kHz.</param>
/// <param name="KeepsSilence">Whether silence stays silent.</param>
/// <param name="IsRandom">Whether different streams give different results.</param>
internal sealed record EffectCase(
    Func<double, AudioAugmentation> Create, Func<int, (int Least, int Most)> Lengths, bool KeepsSilence = true,
    bool IsRandom = true);

/// <summary>All effects, by name.</summary>
internal static class EffectCases
{
    public const int Rate = 16_000;

    /// <summary>Noises and an impulse response for the effects that read files; goes with the process.</summary>
    private static readonly Lazy<Scratch> s_sounds = new(MakeSounds);

    public static string Sounds => s_sounds.Value.Folder;

    public static Dictionary<string, EffectCase> All { get; } = new(StringComparer.Ordinal)
    {
        ["Gain"] = new(p => new Gain(p: p), Same),
        ["GainTransition"] = new(p => new GainTransition(p: p), Same),
        ["Normalize"] = new(p => new Normalize(p: p), Same, IsRandom: false),
        ["PolarityInversion"] = new(p => new PolarityInversion(p), Same, IsRandom: false),
        ["Shift"] = new(p => new Shift(p: p), Same),
        ["Reverse"] = new(p => new Reverse(p), Same, IsRandom: false),
        ["RepeatPart"] = new(p => new RepeatPart(minPartDuration: 0.05, maxPartDuration: 0.1, p: p),
        n => (n, n + (3 * 1600))),
        ["TimeMask"] = new(p => new TimeMask(p: p), Same),
        ["TimeStretch"] = new(p => new TimeStretch(leaveLengthUnchanged: false, p: p),
        n => ((int)Math.Round(n / 1.25), (int)Math.Round(n / 0.8))),
        ["PitchShift"] = new(p => new PitchShift(p: p), Same),
        ["SpeedPerturbation"] =
        new(p => new SpeedPerturbation(p: p), n => ((int)Math.Ceiling(n / 1.1), (int)Math.Ceiling(n / 0.9))),
        ["TanhDistortion"] = new(p => new TanhDistortion(p: p), Same),
        ["ClippingDistortion"] = new(p => new ClippingDistortion(p: p), Same),
        ["BitCrush"] = new(p => new BitCrush(p: p), Same),
        ["Aliasing"] = new(p => new Aliasing(p: p), Same),
        ["Mp3Compression"] = new(p => new Mp3Compression(p: p), Same),
        ["MuLawCompression"] = new(p => new MuLawCompression(255, p), Same, IsRandom: false),
        ["TelephoneBand"] = new(p => new TelephoneBand(p: p), Same, IsRandom: false),
        ["LowPassFilter"] = new(p => new LowPassFilter(p: p), Same),
        ["HighPassFilter"] = new(p => new HighPassFilter(p: p), Same),
        ["BandPassFilter"] = new(p => new BandPassFilter(p: p), Same),
        ["BandStopFilter"] = new(p => new BandStopFilter(zeroPhase: true, p: p), Same),
        ["PreEmphasis"] = new(p => new PreEmphasis(p: p), Same),
        ["Compressor"] = new(p => new Compressor(p: p), Same),
        ["AddGaussianNoise"] = new(p => new AddGaussianNoise(p: p), Same, KeepsSilence: false),
        ["AddGaussianSnr"] = new(p => new AddGaussianSnr(p: p), Same),
        ["AddBackgroundNoise"] = new(p => new AddBackgroundNoise(Sounds, noiseTransform: new Reverse(), p: p), Same),
        ["ApplyImpulseResponse"] = new(p => new ApplyImpulseResponse(Sounds, p: p), Same),
        ["RoomSimulator"] = new(
        p => new RoomSimulator(new RoomSimulatorOptions { MaxOrder = 6 }, p), n => (n, n + 8000)),
        ["Compose"] = new(p => new Compose([new Gain(p: 1), new Shift(p: 1)], p, shuffle: true), Same),
        ["OneOf"] = new(p => new OneOf([new Gain(p: 1), new Shift(p: 1)], p, [1, 3]), Same),
        ["SomeOf"] = new(p => new SomeOf(1, null, [new Gain(p: 1), new Shift(p: 1), new TimeMask(p: 1)], p), Same),
    };

    /// <summary>A sound with a pitch that glides and a level that comes and goes; never the same twice.</summary>
    public static MLAudio Sound(int length, int number = 0)
    {
        float[] samples = new float[length];
        for (int i = 0; i < length; i++)
        {
            double t = (double)i / Rate;
            samples[i] = (float)((0.4 + (0.2 * Math.Sin(9 * t))) *
                Math.Sin((2 * Math.PI * (180 + (13 * number)) * t) + (300 * t * t)) + (0.05 * Math.Sin(19_000 * t)));
        }
        return MLAudio.FromSamples(samples, Rate);
    }

    private static (int Least, int Most) Same(int length) => (length, length);

    private static Scratch MakeSounds()
    {
        var scratch = new Scratch();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => scratch.Dispose();
        Directory.CreateDirectory(scratch.At("more"));
        for (int k = 0; k < 3; k++)
        {
            File.WriteAllBytes(scratch.At(k == 2 ? "more/c.wav" : $"{"ab"[k]}.wav"),
                Wav(Sound(3000 + (2000 * k), k + 5).Samples.Span, k == 1 ? 8000 : Rate));
        }
        File.WriteAllText(scratch.At("notes.txt"), "no audio");
        return scratch;
    }

    /// <summary>A WAV file of 32-bit float samples.</summary>
    internal static byte[] Wav(ReadOnlySpan<float> samples, int rate)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(36 + (4 * samples.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)3); // float
        writer.Write((short)1);
        writer.Write(rate);
        writer.Write(4 * rate);
        writer.Write((short)4);
        writer.Write((short)32);
        writer.Write("data"u8);
        writer.Write(4 * samples.Length);
        foreach (float sample in samples)
        {
            writer.Write(sample);
        }
        writer.Flush();
        return stream.ToArray();
    }
}
