
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests.Features;

[TestClass]
public sealed class WaveformNormalizerTests
{
    public static IEnumerable<object[]> Clips()
    {
        if (!File.Exists(Golden.At("features", "wav2vec2.safetensors")))
        {
            return [[EncoderCases.Absent]];
        }
        using GoldenTensors golden = GoldenTensors.Open("features", "wav2vec2.safetensors");
        const string suffix = ".waveform";
        return [.. golden.Names.Where(n => n.EndsWith(suffix, StringComparison.Ordinal))
            .Select(n => new object[] { n[..^suffix.Length] })];
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Clips))]
    public void Normalize_ReferenceClip_AsReference(string clip)
    {
        if (clip == EncoderCases.Absent)
        {
            Assert.Inconclusive("No features/wav2vec2 among the reference values.");
        }
        double atol = Golden.Json("features", "wav2vec2.json").GetProperty("tolerances").GetProperty("atol")
            .GetDouble();
        using GoldenTensors golden = GoldenTensors.Open("features", "wav2vec2.safetensors");
        float[] waveform = golden.Waveform($"{clip}.waveform");
        float[] normalized = new float[waveform.Length];
        WaveformNormalizer.Normalize(waveform, normalized);
        float[] expected = golden.Floats($"{clip}.normalized");
        Assert.AreEqual(expected.Length, normalized.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], normalized[i], atol, $"sample {i}");
        }
    }

    [TestMethod]
    public void Normalize_RoomOfAnotherLength_Refused()
    {
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => WaveformNormalizer.Normalize(new float[3], new float[2]));
        Assert.AreEqual("Normalised clip: expected room for 3 samples, got 2. (Parameter 'normalized')", error.Message);
    }
}
