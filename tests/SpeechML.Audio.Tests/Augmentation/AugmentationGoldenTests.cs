using System.Runtime.InteropServices;
using System.Text.Json;
using SpeechML.Audio.Dsp;
using SpeechML.Encoders.Features;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Augmentation;

/// <summary>
/// Every case of the golden folder <c>augment</c>, within the absolute tolerance that each case gives (0 to 2e-5 where
/// this was written). Loose cases, as the folder
/// defines them: exact length; of a tone the strongest spectral peak within 1 %; magnitudes of the short-time spectra
/// within 0.1 in relative L2 norm.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class AugmentationGoldenTests
{
    private static readonly Lazy<SafetensorsFile> s_tensors =
        new(() => SafetensorsFile.Open(Golden.At("augment", "augment.safetensors")));
    private static readonly Lazy<JsonElement> s_root = new(() => Golden.Json("augment", "augment.json"));
    private static readonly Lazy<Dictionary<string, JsonElement>> s_cases =
        new(() => s_root.Value.GetProperty("cases").EnumerateArray()
        .ToDictionary(c => c.GetProperty("name").GetString()!));

    private static int Rate => s_root.Value.GetProperty("rate").GetInt32();

    public static IEnumerable<object?[]> Cases() =>
        File.Exists(Golden.At("augment", "augment.json")) ? s_cases.Value.Keys.Select(k => new object?[] { k })
        : [[null]];

    public static IEnumerable<object?[]> MuLawCases()
    {
        object?[][] cases = [.. Cases()
            .Where(c => c[0] is string name && s_cases.Value[name].GetProperty("kind").GetString() == "mu_law")];
        return cases.Length > 0 ? cases : [[null]];
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Apply_GoldenCase_EqualsReference(string? name)
    {
        if (name is null)
        {
            Assert.Inconclusive("The golden folder has no part 'augment'.");
        }
        JsonElement row = s_cases.Value[name];
        string kind = row.GetProperty("kind").GetString()!;
        float[] input = Tensor(row.GetProperty("input").GetString()!), expected = Tensor(name);
        float[] got = Run(kind, input, row.GetProperty("parameters"), row.GetProperty("input").GetString()!);
        Assert.HasCount(expected.Length, got);
        if (row.GetProperty("absolute").ValueKind == JsonValueKind.String)
        {
            AssertLoose(expected, got, isTone: row.GetProperty("input").GetString() == "tone");
            return;
        }
        double tolerance = row.GetProperty("absolute").GetDouble();
        for (int i = 0; i < got.Length; i++)
        {
            Assert.AreEqual(expected[i], got[i], tolerance, $"sample {i}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(MuLawCases))]
    public void MuLawEncode_GoldenCase_GivesTheSameCodes(string? name)
    {
        if (name is null)
        {
            Assert.Inconclusive("The golden folder has no case of mu-law in the part 'augment'.");
        }
        JsonElement row = s_cases.Value[name], parameters = row.GetProperty("parameters");
        float[] input = Tensor(row.GetProperty("input").GetString()!);
        int[] codes = MemoryMarshal.Cast<byte, int>(
            s_tensors.Value.ReadBytes(parameters.GetProperty("codes").GetString()!)).ToArray();
        CollectionAssert.AreEqual(
            codes, Array.ConvertAll(
            input, s => MuLawCompression.Encode(s, parameters.GetProperty("levels").GetInt32() - 1)));
    }

    private static float[] Run(string kind, float[] input, JsonElement parameters, string inputName)
    {
        double Number(string key) => parameters.GetProperty(key).GetDouble();
        int Whole(string key) => parameters.GetProperty(key).GetInt32();
        return kind switch
        {
            "noise" => AddBackgroundNoise.AtSnr(
                input, Tensor(parameters.GetProperty("noise").GetString()!), Number("snr_db")),
            "gain" => Apply(new Gain(Number("db"), Number("db"), p: 1), input),
            "polarity" => Apply(new PolarityInversion(p: 1), input),
            "convolve" => ApplyImpulseResponse.Apply(
            input, Tensor(parameters.GetProperty("impulse_response").GetString()!), leaveLengthUnchanged: true),
            "butterworth" => Butterworth(input, parameters),
            "mu_law" => Apply(new MuLawCompression(Whole("levels"), p: 1), input),
            "telephone" => Apply(new TelephoneBand(Whole("rate"), p: 1), input),
            "clip" => ClippingDistortion.Clip(input, Number("percent")),
            "time_mask" => TimeMask.Mask(input, Whole("start"), Whole("length"), fade: 0),
            "spec_augment" => SpecAugmented(input, parameters, (int)s_tensors.Value.Entries[inputName].Shape[1]),
            "speed" => Apply(new SpeedPerturbation([Number("factor")], p: 1), input),
            "time_stretch" => Apply(
            new TimeStretch(Number("rate"), Number("rate"), leaveLengthUnchanged: false, p: 1), input),
            "pitch_shift" => Apply(new PitchShift(Number("semitones"), Number("semitones"), p: 1), input),
            "pre_emphasis" => Apply(new PreEmphasis(Number("coefficient"), Number("coefficient"), p: 1), input),
            "compressor" => Apply(
                new Compressor(Number("threshold_db"), Number("threshold_db"), Number("ratio"), Number("ratio"),
                Number("knee_db"), Number("attack"), Number("release"), Number("makeup_db"), p: 1), input),
            _ => NotBuilt($"Augmentation not built: {kind}"),
        };
    }

    private static float[] NotBuilt(string message)
    {
        Assert.Inconclusive(message);
        return [];
    }

    private static float[] Apply(AudioAugmentation effect, float[] input) =>
        effect.Apply(MLAudio.FromSamples(input, Rate), seed: 1).Samples.ToArray();

    /// <summary>Through the effects; an order of n is 6 n dB per octave.</summary>
    private static float[] Butterworth(float[] input, JsonElement parameters)
    {
        int rolloff = 6 * parameters.GetProperty("order").GetInt32();
        JsonElement cutoff = parameters.GetProperty("cutoff_hz");
        double[] edges = cutoff.ValueKind == JsonValueKind.Array
            ? [.. cutoff.EnumerateArray().Select(c => c.GetDouble())] : [cutoff.GetDouble()];
        double center = (edges[0] + edges[^1]) / 2, width = (edges[^1] - edges[0]) / center;
        return parameters.GetProperty("band").GetString() switch
        {
            "lowpass" => Apply(new LowPassFilter(edges[0], edges[0], rolloff, rolloff, p: 1), input),
            "highpass" => Apply(new HighPassFilter(edges[0], edges[0], rolloff, rolloff, p: 1), input),
            "bandpass" => Apply(new BandPassFilter(center, center, width, width, rolloff, rolloff, p: 1), input),
            "bandstop" => Apply(new BandStopFilter(center, center, width, width, rolloff, rolloff, p: 1), input),
            string other => NotBuilt($"Butterworth band not built: {other}"),
            null => NotBuilt("Butterworth band not built: null"),
        };
    }

    private static float[] SpecAugmented(float[] input, JsonElement parameters, int columns)
    {
        static MaskSpan[] Spans(JsonElement spans) =>
            [.. spans.EnumerateArray().Select(s => new MaskSpan(s[0].GetInt32(), s[1].GetInt32()))];
        float[] result = [.. input];
        float value = parameters.GetProperty("fill").GetString() switch
        {
            "zero" => 0,
            "mean" => SpecAugment.Mean(input),
            string other => NotBuilt($"SpecAugment fill not built: {other}").Length,
            null => float.NaN,
        };
        SpecAugment.Fill(result, columns, Spans(parameters.GetProperty("frequency")),
            Spans(parameters.GetProperty("time")), value);
        return result;
    }

    private static void AssertLoose(float[] expected, float[] got, bool isTone)
    {
        double difference = 0, norm = 0;
        double[][] want = Magnitudes(expected), have = Magnitudes(got);
        for (int t = 0; t < want.Length; t++)
        {
            for (int k = 0; k < want[t].Length; k++)
            {
                difference += (want[t][k] - have[t][k]) * (want[t][k] - have[t][k]);
                norm += want[t][k] * want[t][k];
            }
        }
        Assert.IsLessThan(0.1, Math.Sqrt(difference / norm), "relative L2 norm of the difference of the magnitudes");
        if (isTone)
        {
            Assert.AreEqual(1, Peak(got) / Peak(expected), 0.01, "ratio of the strongest peaks");
        }
    }

    /// <summary>Frames of 2048 every 512 samples, Hann, zeros beyond the ends.</summary>
    private static double[][] Magnitudes(float[] samples)
    {
        const int Size = 2048, Hop = 512;
        var transform = new RealTransform(Size);
        var frames = new List<double[]>();
        for (int centre = 0; centre <= samples.Length; centre += Hop)
        {
            double[] frame = new double[Size];
            for (int i = 0; i < Size; i++)
            {
                int at = centre - (Size / 2) + i;
                frame[i] = at >= 0 && at < samples.Length
                    ? samples[at] * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Size))) : 0;
            }
            frames.Add([.. transform.Forward(frame).ToArray().Select(c => c.Magnitude)]);
        }
        return [.. frames];
    }

    /// <summary>
    /// The strongest bin of one transform over the whole clip, padded to 4 times its length and more.
    /// </summary>
    private static double Peak(float[] samples)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)samples.Length * 4);
        double[] bins = [.. new RealTransform(size).Forward(Array.ConvertAll(samples, s => (double)s)).ToArray()
            .Select(c => c.Magnitude)];
        return (double)Array.IndexOf(bins, bins.Max()) / size;
    }

    private static float[] Tensor(string name) =>
        MemoryMarshal.Cast<byte, float>(s_tensors.Value.ReadBytes(name)).ToArray();
}
