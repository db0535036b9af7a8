namespace SpeechML.Extensions.Tests;

[TestClass]
public sealed class AugmentationTests
{
    private static readonly MLAudio s_clip = MLAudio.FromSamples(
        [.. Enumerable.Range(1, 100).Select(i => i / 100f)], 8000);

    [TestMethod]
    public void Apply_EffectOfAUser_DependsOnSeedClipAndEpochOnly()
    {
        var effect = new Compose([new Dropouts(10), new Gain(-1, 1, 1)]);
        float[] first = effect.Apply(s_clip, 1, 2, 3).Samples.ToArray();
        CollectionAssert.AreEqual(first, effect.Apply(s_clip, 1, 2, 3).Samples.ToArray());
        CollectionAssert.AreNotEqual(first, effect.Apply(s_clip, 1, 2, 4).Samples.ToArray());
        Assert.IsGreaterThan(0, first.Count(s => s == 0));
    }

    [TestMethod]
    public void ToJson_EffectOfAUser_SavesOnceRegistered()
    {
        var unknown = new Compose([new Unregistered()]);
        Assert.StartsWith(
            "Augmentation 'Compose': expected classes that can be saved, got one that cannot. Call " +
            "AudioAugmentation.Register for each class of your own first.",
            Assert.ThrowsExactly<InvalidOperationException>(unknown.ToJson).Message);

        AudioAugmentation.Register<Dropouts>();
        string json = new Compose([new Dropouts(10, 0.25)]).ToJson();
        Assert.Contains("""{"type":"Dropouts","count":10,"p":0.25}""", json);
        var loaded = (Dropouts)((Compose)AudioAugmentation.FromJson(json)).Transforms[0];
        Assert.AreEqual((10, 0.25), (loaded.Count, loaded.P));
        Assert.ThrowsExactly<ArgumentException>(() => AudioAugmentation.Register<Unregistered>("Gain"));
    }

    /// <summary>Sets random samples to 0.</summary>
    private sealed class Dropouts(int count, double p = 1) : AudioEffect(p)
    {
        public int Count { get; } = count;

        protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
        {
            float[] result = [.. samples];
            for (int i = 0; i < Count; i++)
            {
                result[random.Whole(0, samples.Length - 1)] = 0;
            }
            return result;
        }
    }

    private sealed class Unregistered() : AudioAugmentation(1)
    {
        protected override MLAudio Run(MLAudio audio, AugmentationRandom random) => audio;
    }
}
