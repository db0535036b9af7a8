using System.Runtime.InteropServices;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>Every clip of the golden folder <c>trim</c>: places are whole numbers, so the tolerance is 0.</summary>
[TestClass]
[TestCategory("Golden")]
public sealed class TrimGoldenTests
{
    private static readonly Lazy<SafetensorsFile> s_clips =
        new(() => SafetensorsFile.Open(Golden.At("trim", "clips.safetensors")));
    private static readonly Lazy<Dictionary<string, JsonElement>> s_rows = new(() =>
        Golden.Json("trim", "trim.json").GetProperty("cases").EnumerateArray()
            .ToDictionary(c => c.GetProperty("clip").GetString()!));

    public static IEnumerable<object?[]> Clips() =>
        File.Exists(Golden.At("trim", "trim.json")) ? s_rows.Value.Keys.Select(k => new object?[] { k }) : [[null]];

    [TestMethod]
    [DynamicData(nameof(Clips))]
    public void FindSilence_GoldenClip_EqualsLibrosa(string? clip)
    {
        JsonElement row = Row(clip);
        float[] samples = Samples(clip!);
        foreach (JsonElement trim in row.GetProperty("librosa").EnumerateArray())
        {
            // The note in the JSON: nearer to the threshold, float32 rounding decides.
            if (trim.GetProperty("margin_db").GetDouble() < 1e-3)
            {
                continue;
            }
            var options = new SilenceTrimmingOptions
            {
                TopDb = trim.GetProperty("top_db").GetDouble(),
                FrameLength = trim.GetProperty("frame").GetInt32(),
                HopLength = trim.GetProperty("hop").GetInt32(),
            };
            Assert.AreEqual((trim.GetProperty("start").GetInt32(), trim.GetProperty("end").GetInt32()),
                SilenceTrimmer.Find(samples, options), options.ToString());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Clips))]
    public void FindVoice_GoldenClip_EqualsTorchaudio(string? clip)
    {
        JsonElement row = Row(clip);
        const int Rate = 16000; // "vad": at 16 kHz
        float[] samples = Samples(row.TryGetProperty("vad_clip", out JsonElement other) ? other.GetString()! : clip!);
        JsonElement vad = row.GetProperty("vad");
        Assert.HasCount(vad.GetProperty("input_frames").GetInt32(), samples);
        VoiceActivityOptions options = Options(Golden.Json("trim", "trim.json").GetProperty("vad_parameters"));
        Assert.AreEqual(vad.GetProperty("forward_frames").GetInt32(),
            samples.Length - VoiceActivityDetector.FindStart(samples, Rate, options));
        (int start, int end) = VoiceActivityDetector.Find(samples, Rate, options);
        Assert.AreEqual(vad.GetProperty("both_ends_frames").GetInt32(), end - start);
        if (end > start)
        {
            Assert.AreEqual((vad.GetProperty("start").GetInt32(), vad.GetProperty("end").GetInt32()), (start, end));
        }
        if (row.TryGetProperty("vad_variants", out JsonElement variants))
        {
            foreach (JsonElement variant in variants.EnumerateArray())
            {
                VoiceActivityOptions changed = Options(variant.GetProperty("parameters"));
                Assert.AreEqual(variant.GetProperty("forward_frames").GetInt32(),
                    samples.Length - VoiceActivityDetector.FindStart(samples, Rate, changed), changed.ToString());
            }
        }
    }

    private static JsonElement Row(string? clip)
    {
        if (clip is null)
        {
            Assert.Inconclusive("The golden folder has no part 'trim'.");
        }
        return s_rows.Value[clip];
    }

    private static float[] Samples(string name) =>
        [.. MemoryMarshal.Cast<byte, short>(s_clips.Value.ReadBytes(name)).ToArray().Select(v => v / 32768f)];

    /// <summary>trigger_level becomes TriggerLevel.</summary>
    private static VoiceActivityOptions Options(JsonElement parameters)
    {
        var options = new VoiceActivityOptions();
        foreach (JsonProperty parameter in parameters.EnumerateObject()
            .Where(p => p.Value.ValueKind != JsonValueKind.Null))
        {
            string name = string.Concat(parameter.Name.Split('_')
                .Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            System.Reflection.PropertyInfo property = typeof(VoiceActivityOptions).GetProperty(name)
                ?? throw new AssertInconclusiveException($"VAD parameter not built: {parameter.Name}");
            property.SetValue(options, parameter.Value.GetDouble());
        }
        return options;
    }
}
