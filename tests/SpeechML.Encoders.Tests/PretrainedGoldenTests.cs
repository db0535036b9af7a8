using System.Text.Json;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// Real pretrained encoders with reference outputs on real clips: every folder with a <c>golden.json</c> in the folder
/// that <c>SPEECHML_MODELS</c>
/// names (default: the repository's samples). The clips are looked for below <c>SPEECHML_DATA</c> (default: the
/// repository's samples).
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class PretrainedGoldenTests
{
    private static readonly string s_models = Environment.GetEnvironmentVariable("SPEECHML_MODELS")
        ?? Path.GetDirectoryName(RepositoryFiles.WhisperBase)!;
    private static readonly string s_data = Environment.GetEnvironmentVariable("SPEECHML_DATA")
        ?? Path.GetDirectoryName(RepositoryFiles.Prompts)!;

    /// <summary>The folder of pretrained encoders.</summary>
    internal static string Models => s_models;

    /// <summary>A clip of that name; <see langword="null"/> where it is not below the folder of data.</summary>
    internal static string? Find(string clip) => Directory.Exists(s_data)
        ? Directory.EnumerateFiles(s_data, clip, SearchOption.AllDirectories).FirstOrDefault() : null;

    public static IEnumerable<object[]> Clips()
    {
        List<object[]> cases = [];
        string[] folders = Directory.Exists(s_models) ? Directory.GetDirectories(s_models) : [];
        foreach (string folder in folders.Where(folder => File.Exists(Path.Combine(folder, "golden.json")))
            .Order(StringComparer.Ordinal))
        {
            cases.AddRange(Facts(Path.GetFileName(folder)).GetProperty("clips").EnumerateArray()
                .Select(clip => new object[] { Path.GetFileName(folder), clip.GetProperty("clip").GetString()! }));
        }
        return cases.Count > 0 ? cases : [[EncoderCases.Absent, EncoderCases.Absent]];
    }

    [TestMethod]
    [DynamicData(nameof(Clips))]
    public void Encode_RealClip_AsReference(string model, string clip)
    {
        if (model == EncoderCases.Absent)
        {
            Assert.Inconclusive("No pretrained encoder with reference outputs.");
        }
        JsonElement facts = Facts(model).GetProperty("clips").EnumerateArray()
            .Single(c => c.GetProperty("clip").GetString() == clip);
        string? path = Find(clip);
        if (path is null)
        {
            Assert.Inconclusive($"The clip '{clip}' is not below '{s_data}'.");
        }
        MLAudio audio = MLAudio.FromFile(path);
        Assert.AreEqual(facts.GetProperty("rate").GetInt32(), audio.SampleRate);
        using SpeechEncoder encoder = EncoderLoader.Load(Path.Combine(s_models, model));
        float[] samples = audio.Resample(encoder.Config.SampleRate).Samples.ToArray();
        Assert.HasCount(facts.GetProperty("samples_16k").GetInt32(), samples);

        using var golden = new GoldenTensors(Path.Combine(s_models, model, "golden.safetensors"));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncoderInput input = encoder.Prepare([samples]);
        golden.AreClose($"{clip}/input_features_head",
            input.Values[0].narrow(1, 0, golden.Read($"{clip}/input_features_head").shape[1]), 0, 1e-4);
        golden.AreClose($"{clip}/input_features_mean", input.Values[0].mean([1]), 0, 1e-4);

        EncodedFrames encoded = encoder.Encode(input);
        Assert.AreEqual(facts.GetProperty("valid_frames").GetInt64(), encoded.Lengths[0]);
        Tensor last = encoded.LastHiddenState![0];
        IsNear(golden, $"{clip}/mean", last.mean([0]));
        IsNear(golden, $"{clip}/valid_mean", last.narrow(0, 0, encoded.Lengths[0]).mean([0]));
        foreach (string name in golden.Names.Where(n => n.StartsWith($"{clip}/frames_", StringComparison.Ordinal)))
        {
            string[] range = name.Split('_');
            long first = long.Parse(range[^2], System.Globalization.CultureInfo.InvariantCulture);
            IsNear(golden, name, last.narrow(
                0, first, long.Parse(range[^1], System.Globalization.CultureInfo.InvariantCulture) - first));
        }
        IsNear(golden, $"{clip}/hidden_means",
            stack(encoded.HiddenStates.OrderBy(h => h.Key).Select(h => h.Value[0].mean([0])).ToArray()));
        // In float64: summing the squares in float32 alone is 2.5e-5 off.
        Assert.AreEqual(facts.GetProperty("last_hidden_norm").GetDouble(),
            last.to(ScalarType.Float64).norm().item<double>(),
            1e-5 * facts.GetProperty("last_hidden_norm").GetDouble());
    }

    private static JsonElement Facts(string model)
    {
        using JsonDocument document =
            JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_models, model, "golden.json")));
        return document.RootElement.Clone();
    }

    /// <summary>
    /// Relative norm of the difference at most 1e-5, as the model's README says a correct encoder stays.
    /// </summary>
    private static void IsNear(GoldenTensors golden, string name, Tensor actual)
    {
        Tensor expected = golden.Read(name);
        CollectionAssert.AreEqual(expected.shape, actual.shape, name);
        double relative = (expected - actual).norm().item<float>() / (double)expected.norm().item<float>();
        Assert.IsLessThanOrEqualTo(1e-5, relative, name);
    }
}
