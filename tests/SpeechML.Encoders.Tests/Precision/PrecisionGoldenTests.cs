using System.Text.Json;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Precision;

/// <summary>
/// Encoders in 16 bits against themselves in float32: no further away than Hugging Face's own autocast is
/// (<c>bf16/</c> of the reference values), times 1.5 for a hidden state and 2 for the pooled vector.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class PrecisionGoldenTests
{
    private const double StateFactor = 1.5;
    private const double PooledFactor = 2;

    private static readonly string[] s_bfloat16 = ["autocast-bfloat16", "cuda-rules-bfloat16"];
    private static readonly string[] s_float16 = ["autocast-float16"];

    public static IEnumerable<object[]> Small() => Files("encoders/")
        .SelectMany(name => new[] { SpeechPrecision.BFloat16, SpeechPrecision.Float16 }
            .Select(precision => new object[] { name, precision }))
        .DefaultIfEmpty([EncoderCases.Absent, SpeechPrecision.BFloat16]);

    public static IEnumerable<object[]> Pretrained() => Files("models/").Select(name => new object[] { name })
        .DefaultIfEmpty([EncoderCases.Absent]);

    [TestMethod]
    [DynamicData(nameof(Small))]
    public void Encode_ReferenceClips_NoFurtherThanAutocast(string name, SpeechPrecision precision)
    {
        if (name == EncoderCases.Absent)
        {
            Assert.Inconclusive("No such encoders among the reference values.");
        }
        JsonElement golden = Golden.Json("bf16", name + ".json");
        string encoder = Path.GetFileName(golden.GetProperty("model").GetString()!);
        if (!Directory.Exists(Golden.At("encoders", encoder)))
        {
            Assert.Inconclusive($"The encoder '{encoder}' is not in {Golden.Folder}.");
        }
        using SpeechEncoder exact = EncoderLoader.Load(EncoderCases.Folder(encoder));
        using SpeechEncoder rounded = EncoderLoader.Load(EncoderCases.Folder(encoder));
        rounded.UsePrecision(precision);
        using GoldenTensors clips = GoldenTensors.Open("encoders", encoder, "golden.safetensors");
        var worst = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (int clip in clips.Clips())
        {
            Compare(exact, rounded, clips.Waveform($"clip{clip}.waveform"), worst, Relative);
        }
        AssertBounds(golden.GetProperty("worst_relative"), worst, precision);
    }

    [TestMethod]
    [DynamicData(nameof(Pretrained))]
    public void Encode_RealClips_MedianFrameNoFurtherThanAutocast(string name)
    {
        if (name == EncoderCases.Absent)
        {
            Assert.Inconclusive("No pretrained encoder among the reference values.");
        }
        JsonElement golden = Golden.Json("bf16", name + ".json");
        string folder = Path.Combine(
            PretrainedGoldenTests.Models, Path.GetFileName(golden.GetProperty("model").GetString()!));
        if (!Directory.Exists(folder))
        {
            Assert.Inconclusive($"The encoder '{folder}' is not there.");
        }
        string?[] paths = [.. golden.GetProperty("frames_pooled").EnumerateObject()
            .Select(c => PretrainedGoldenTests.Find(c.Name))];
        if (paths.Contains(null))
        {
            Assert.Inconclusive("The clips are not there.");
        }
        using SpeechEncoder exact = EncoderLoader.Load(folder);
        using SpeechEncoder rounded = EncoderLoader.Load(folder);
        rounded.UsePrecision(SpeechPrecision.BFloat16);
        var worst = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string path in paths.OfType<string>())
        {
            float[] samples = MLAudio.FromFile(path).Resample(exact.Config.SampleRate).Samples.ToArray();
            Compare(exact, rounded, samples, worst, MedianOfFrames);
        }
        // A pooled vector has no frames.
        worst.Remove("pooled");
        AssertBounds(golden.GetProperty("worst_frame_median"), worst, SpeechPrecision.BFloat16);
    }

    private static IEnumerable<string> Files(string kind) => !Directory.Exists(Golden.At("bf16")) ? []
        : Directory.EnumerateFiles(Golden.At("bf16"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(f => Golden.Json("bf16", f + ".json").TryGetProperty("model", out JsonElement model)
                && model.GetString()!.StartsWith(kind, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static void Compare(
        SpeechEncoder exact, SpeechEncoder rounded, float[] samples, Dictionary<string, double> worst,
        Func<Tensor, Tensor, double> measure)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncodedFrames want = exact.Encode(exact.Prepare([samples]));
        EncodedFrames got = rounded.Encode(rounded.Prepare([samples]));
        foreach ((int level, Tensor hidden) in want.HiddenStates)
        {
            Add($"hidden.{level}", hidden, got.HiddenStates[level]);
        }
        Add("last", want.LastHiddenState!, got.LastHiddenState!);
        Add("pooled", Pooled(want), Pooled(got));

        void Add(string what, Tensor expected, Tensor actual) =>
            worst[what] = Math.Max(
                worst.GetValueOrDefault(what), measure(expected, actual.to(ScalarType.Float32)));
    }

    private static Tensor Pooled(EncodedFrames frames) => frames.LastHiddenState!.to(ScalarType.Float32)
        .narrow(1, 0, frames.Lengths[0]).mean([1]);

    private static double Relative(Tensor expected, Tensor actual) =>
        (actual - expected).norm().item<float>() / expected.norm().item<float>();

    private static double MedianOfFrames(Tensor expected, Tensor actual)
    {
        if (expected.dim() < 3)
        {
            return 0;
        }
        float[] frames = [.. ((actual - expected).pow(2).sum(-1) / expected.pow(2).sum(-1)).sqrt().view(-1)
            .data<float>()];
        Array.Sort(frames);
        return (frames[(frames.Length - 1) / 2] + frames[frames.Length / 2]) / 2;
    }

    private static void AssertBounds(
        JsonElement reference, Dictionary<string, double> worst, SpeechPrecision precision)
    {
        string[] ways = precision == SpeechPrecision.Float16 ? s_float16 : s_bfloat16;
        JsonProperty[] used = [.. reference.EnumerateObject()
            .Where(w => Array.Exists(ways, way => w.Name.StartsWith(way, StringComparison.Ordinal)))];
        Assert.IsNotEmpty(used);
        List<string> beyond = [];
        foreach ((string level, double error) in worst)
        {
            double allowed = (level == "pooled" ? PooledFactor : StateFactor)
                * used.Max(w => w.Value.GetProperty(level).GetDouble());
            Assert.IsGreaterThan(0, error, $"{level}: nothing was rounded.");
            if (error > allowed)
            {
                beyond.Add(FormattableString.Invariant($"{level}: at most {allowed:g3}, got {error:g3}"));
            }
        }
        Assert.IsEmpty(beyond, string.Join("; ", beyond));
    }
}
