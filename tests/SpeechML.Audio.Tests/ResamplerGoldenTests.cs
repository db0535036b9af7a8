using System.Runtime.InteropServices;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>
/// Every case of the golden folder <c>resample</c>, within the absolute tolerance that each case gives (2e-5 where this
/// was written).
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class ResamplerGoldenTests
{
    private static readonly Lazy<SafetensorsFile> s_tensors =
        new(() => SafetensorsFile.Open(Golden.At("resample", "resample.safetensors")));

    private static bool IsAvailable => File.Exists(Golden.At("resample", "resample.json"));

    private static readonly Lazy<JsonElement> s_root = new(() => Golden.Json("resample", "resample.json"));
    private static readonly Lazy<Dictionary<string, JsonElement>> s_rows = new(() =>
        s_root.Value.GetProperty("cases").EnumerateArray()
            .ToDictionary(c => $"{c.GetProperty("output").GetString()} from {c.GetProperty("input").GetString()}"));

    public static IEnumerable<object?[]> Cases() =>
        IsAvailable ? s_rows.Value.Keys.Select(k => new object?[] { k }) : [[null]];

    public static IEnumerable<object?[]> Lengths()
    {
        if (!IsAvailable)
        {
            return [[null, 0, 0L, 0L]];
        }
        return s_root.Value.GetProperty("lengths").GetProperty("rows").EnumerateArray()
            .Concat(s_root.Value.GetProperty("reference_rounding").GetProperty("rows").EnumerateArray())
            .Select(row => new object?[] { row[0].GetInt32(), row[1].GetInt32(), row[2].GetInt64(),
                row[3].GetInt64() });
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Resample_GoldenCase_EqualsTorchaudio(string? name)
    {
        if (name is null)
        {
            Assert.Inconclusive("The golden folder has no part 'resample'.");
        }
        JsonElement row = s_rows.Value[name];
        string method = row.GetProperty("method").GetString()!;
        ResamplingOptions options = Options(method, s_root.Value.GetProperty("methods").GetProperty(method));
        int source = row.GetProperty("source").GetInt32(), target = row.GetProperty("target").GetInt32();
        float[][] inputs = Channels(row.GetProperty("input").GetString()!),
            expected = Channels(row.GetProperty("output").GetString()!);
        double tolerance = row.GetProperty("absolute").GetDouble();
        Assert.HasCount(expected.Length, inputs);
        for (int c = 0; c < inputs.Length; c++)
        {
            float[] got = Resampler.Resample(inputs[c], source, target, options);
            Assert.HasCount(row.GetProperty("expected_frames").GetInt32(), got);
            for (int i = 0; i < got.Length; i++)
            {
                Assert.AreEqual(expected[c][i], got[i], tolerance, $"channel {c}, frame {i}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Lengths))]
    public void OutputLength_GoldenRow_IsExact(int? source, int target, long frames, long expected)
    {
        if (source is not { } rate)
        {
            Assert.Inconclusive("The golden folder has no part 'resample'.");
            return;
        }
        Assert.AreEqual(expected, Resampler.OutputLength(frames, rate, target));
        Assert.HasCount((int)expected, Resampler.Resample(new float[frames], rate, target));
    }

    private static ResamplingOptions Options(string method, JsonElement values)
    {
        string name = values.GetProperty("resampling_method").GetString()!;
        if (name is not ("sinc_interp_hann" or "sinc_interp_kaiser"))
        {
            Assert.Inconclusive($"Resampling method not built: {method} ({name})");
        }
        return new ResamplingOptions
        {
            Window = name == "sinc_interp_hann" ? ResamplingWindow.Hann : ResamplingWindow.Kaiser,
            LowpassFilterWidth = values.GetProperty("lowpass_filter_width").GetInt32(),
            Rolloff = values.GetProperty("rolloff").GetDouble(),
            Beta = values.TryGetProperty("beta", out JsonElement beta) ? beta.GetDouble()
            : new ResamplingOptions().Beta,
        };
    }

    /// <summary>A tensor of shape (frames,) or (channels, frames).</summary>
    private static float[][] Channels(string name)
    {
        TensorEntry entry = s_tensors.Value.Entries[name];
        float[] all = MemoryMarshal.Cast<byte, float>(s_tensors.Value.ReadBytes(name)).ToArray();
        int channels = entry.Shape.Length == 1 ? 1 : (int)entry.Shape[0];
        int frames = all.Length / channels;
        return [.. Enumerable.Range(0, channels).Select(c => all[(c * frames)..((c + 1) * frames)])];
    }
}
