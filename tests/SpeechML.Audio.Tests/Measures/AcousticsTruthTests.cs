using System.Text.Json;

namespace SpeechML.Audio.Tests.Measures;

/// <summary>Synthetic clips whose jitter, formants, noise, syllables and pauses are known.</summary>
[TestClass]
[TestCategory("Golden")]
public sealed class AcousticsTruthTests
{
    public static IEnumerable<object?[]> Cases() =>
        AcousticsCase.All().Where(c => c[2] is null or "standard").Select(c => c[..2]);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Measure_SyntheticClip_IsNearTheTruth(string? folder, string? clip)
    {
        var golden = AcousticsCase.Of(folder, clip, "standard");
        JsonElement truth = golden.Clip.GetProperty("truth");
        double[] values = VoiceMeasures.Measure(golden.Audio, golden.Options);
        double Got(string name) =>
            values[VoiceMeasures.All.Select((m, i) => (m.Name, i)).Single(p => p.Name == name).i];
        void Near(string truthName, string name, double relative, double absolute)
        {
            if (truth.TryGetProperty(truthName, out JsonElement value) && value.ValueKind == JsonValueKind.Number)
            {
                Assert.AreEqual(value.GetDouble(), Got(name), (relative * value.GetDouble()) + absolute, name);
            }
        }
        Near("f0_slope_semitones_per_second", "f0_slope", 0.01, 0);
        Near("hnr_db", "hnr_mean", 0, 1.5);
        if (clip!.StartsWith("pulse_train", StringComparison.Ordinal))
        {
            Near("f0_mean", "f0_mean", 0.01, 0);
            Near("jitter_local", "jitter_local", 0.05, 1e-4);
            Near("shimmer_local_of_the_impulses", "shimmer_local", 0.05, 2e-3);
        }
        if (clip == "vowel_noisy" || clip == "vowel_clean")
        {
            double[] formants = [.. truth.GetProperty("formants").EnumerateArray().Select(f => f.GetDouble())];
            for (int j = 0; j < 3; j++)
            {
                Assert.AreEqual(formants[j], Got($"f{j + 1}_mean"), 0.05 * formants[j], $"formant {j + 1}");
            }
        }
        if (truth.TryGetProperty("syllables", out JsonElement syllables))
        {
            Assert.AreEqual(syllables.GetInt32(), Got("speech_rate") * Got("duration"), 1e-9);
            double[] pauses = [.. truth.GetProperty("pauses").EnumerateArray()
                .Select(p => p[1].GetDouble() - p[0].GetDouble())];
            Assert.AreEqual(pauses.Length, Got("pause_rate") * Got("duration"), 1e-9);
            Assert.AreEqual(pauses.Average(), Got("pause_mean"), 0.06);
        }
        if (truth.TryGetProperty("voiced_frames", out _))
        {
            Assert.IsLessThan(0.1, Got("voiced_fraction"), "a whisper");
        }
    }
}
