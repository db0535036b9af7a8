using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

[TestClass]
public sealed class LoudClipTests
{
    /// <summary>Samples whose squares leave float32 would give features that are not numbers.</summary>
    [TestMethod]
    public void Samples_FarBeyondOne_AreRefused()
    {
        using SpeechClassificationTransformer model = new SmallRuns().Fit(SmallRuns.Options());
        float[] samples = [.. Enumerable.Range(0, 16_000).Select(i => i % 2 == 0 ? 3e38f : -1f)];
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => model.Model.Samples(MLAudio.FromSamples(samples, 16_000), "Audio"));
        Assert.AreEqual(
            "Column 'Audio': expected samples nominally in [-1, 1] (at most 1e+15 in magnitude), got 3E+38. Scale " +
            "the audio before, or leave the clip out.", error.Message);
        Assert.HasCount(16_000, model.Model.Samples(
            MLAudio.FromSamples(Array.ConvertAll(samples, s => s / 1e24f), 16_000), "Audio"));
    }
}
