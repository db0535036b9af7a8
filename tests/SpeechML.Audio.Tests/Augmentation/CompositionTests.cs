namespace SpeechML.Audio.Tests.Augmentation;

/// <summary>All, one or some of several effects.</summary>
[TestClass]
public sealed class CompositionTests
{
    /// <summary>Each part multiplies by a prime, so that a product says which parts ran.</summary>
    private static readonly int[] s_primes = [2, 3, 5, 7];

    private static Gain[] PrimeGains =>
        [.. s_primes.Select(p => new Gain(20 * Math.Log10(p), 20 * Math.Log10(p), p: 1))];

    [TestMethod]
    public void Compose_AppliesAll() => Assert.AreEqual(210, Product(new Compose(PrimeGains), 0));

    [TestMethod]
    public void Compose_PartOfProbabilityZero_IsLeftOut() =>
        Assert.AreEqual(2, Product(new Compose([PrimeGains[0], new Gain(40, 40, p: 0)]), 0));

    [TestMethod]
    public void Compose_Shuffled_UsesSeveralOrders()
    {
        // Doubling and clipping to ±1 by normalisation do not commute.
        var effect = new Compose([new Normalize(p: 1), new Gain(6, 6, p: 1)], shuffle: true);
        Assert.AreEqual(2, Enumerable.Range(0, 40)
            .Select(c => effect.Apply(MLAudio.FromSamples([0.1f], 16_000), 1, c).Samples.Span[0]).Distinct().Count());
        Assert.AreEqual(1, Enumerable.Range(0, 40)
            .Select(c => new Compose(effect.Transforms)
            .Apply(MLAudio.FromSamples([0.1f], 16_000), 1, c).Samples.Span[0]).Distinct().Count());
    }

    [TestMethod]
    public void Compose_OnePartDrawsMore_OthersStay()
    {
        MLAudio audio = MLAudio.FromSamples([0.5f, -0.25f], 16_000);
        for (int clip = 0; clip < 20; clip++)
        {
            float few = new Compose([new AddGaussianNoise(1e-9, 1e-9, p: 0), new Gain(p: 1)])
                .Apply(audio, 1, clip).Samples.Span[0];
            float many = new Compose([new AddGaussianNoise(1e-9, 1e-9, p: 1), new Gain(p: 1)])
                .Apply(audio, 1, clip).Samples.Span[0];
            Assert.AreEqual(few, many, 1e-6);
        }
    }

    [TestMethod]
    public void OneOf_AppliesOne_AllAlikeOrByWeight()
    {
        int[] alike = [.. Enumerable.Range(0, 4000).Select(c => Product(new OneOf(PrimeGains), c))];
        foreach (int prime in s_primes)
        {
            Assert.AreEqual(1000, alike.Count(p => p == prime), 120, $"part {prime}");
        }
        int[] weighted = [.. Enumerable.Range(0, 4000)
            .Select(c => Product(new OneOf(PrimeGains, weights: [1, 0, 3, 0]), c))];
        Assert.AreEqual(1000, weighted.Count(p => p == 2), 120);
        Assert.AreEqual(3000, weighted.Count(p => p == 5), 120);
    }

    [TestMethod]
    public void OneOf_HalfProbability_LeavesHalfAlone() =>
        Assert.AreEqual(2000, Enumerable.Range(0, 4000).Count(c => Product(new OneOf(PrimeGains, p: 0.5), c) == 1),
            140);

    [TestMethod]
    public void SomeOf_AppliesTheNumberAsked()
    {
        foreach (int product in Enumerable.Range(0, 200).Select(c => Product(new SomeOf(2, PrimeGains), c)))
        {
            Assert.AreEqual(2, s_primes.Count(p => product % p == 0), $"product {product}");
        }
        int[] counts = [.. Enumerable.Range(0, 3000).Select(c => Product(new SomeOf(1, 3, PrimeGains), c))
            .Select(p => s_primes.Count(prime => p % prime == 0))];
        foreach (int count in new[] { 1, 2, 3 })
        {
            Assert.AreEqual(1000, counts.Count(c => c == count), 120, $"{count} parts");
        }
        Assert.AreEqual(210, Product(new SomeOf(4, null, PrimeGains), 0));
    }

    private static int Product(AudioAugmentation effect, long clip) =>
        (int)Math.Round(effect.Apply(MLAudio.FromSamples([1f], 16_000), seed: 1, clip).Samples.Span[0]);
}
