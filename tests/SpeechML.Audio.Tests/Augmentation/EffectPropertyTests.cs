using SpeechML.Audio.Dsp;
using SpeechML.Audio.Streaming;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Augmentation;

/// <summary>What must hold for every effect.</summary>
[TestClass]
public sealed class EffectPropertyTests
{
    private static readonly int[] s_lengths = [1, 2, 3, 50, 1000, 7919, 20_000];

    public static IEnumerable<object[]> Names => EffectCases.All.Keys.Select(n => new object[] { n });

    [TestMethod]
    public void Cases_CoverEveryEffectOfTheLibrary()
    {
        string[] types = [.. typeof(AudioAugmentation).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(AudioAugmentation)) && !t.IsAbstract).Select(t => t.Name)
            .Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(types, EffectCases.All.Keys.Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_ProbabilityZero_GivesTheSameObject(string name)
    {
        AudioAugmentation effect = EffectCases.All[name].Create(0);
        MLAudio audio = EffectCases.Sound(4000);
        for (int clip = 0; clip < 50; clip++)
        {
            Assert.AreSame(audio, effect.Apply(audio, seed: 1, clip));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_AnyLength_KeepsItsLengthRuleAndTheInput(string name)
    {
        EffectCase test = EffectCases.All[name];
        AudioAugmentation effect = test.Create(1);
        foreach (int length in s_lengths)
        {
            MLAudio audio = EffectCases.Sound(length);
            float[] before = audio.Samples.ToArray();
            for (int clip = 0; clip < 3; clip++)
            {
                MLAudio result = effect.Apply(audio, seed: 3, clip);
                (int least, int most) = test.Lengths(length);
                Assert.IsTrue(result.Length >= least && result.Length <= most,
                    $"{length} samples: expected {least} to {most}, got {result.Length}");
                Assert.AreEqual(EffectCases.Rate, result.SampleRate);
                Assert.IsFalse(result.Samples.ToArray().Any(s => !float.IsFinite(s)), "finite");
            }
            CollectionAssert.AreEqual(before, audio.Samples.ToArray(), "the input was written to");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_EmptyClip_GivesTheSameObject(string name)
    {
        MLAudio empty = MLAudio.FromSamples([], EffectCases.Rate);
        Assert.AreSame(empty, EffectCases.All[name].Create(1).Apply(empty, seed: 1));
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_Silence_StaysSilentWhereItShould(string name)
    {
        EffectCase test = EffectCases.All[name];
        MLAudio silence = MLAudio.FromSamples(new float[6000], EffectCases.Rate);
        for (int clip = 0; clip < 5; clip++)
        {
            float peak = SampleMath.Peak(test.Create(1).Apply(silence, seed: 4, clip).Samples.Span);
            Assert.AreEqual(test.KeepsSilence, peak == 0, $"peak {peak}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_AnyNumberOfThreads_GivesTheSame(string name)
    {
        AudioAugmentation effect = EffectCases.All[name].Create(0.7);
        MLAudio[] clips = [.. Enumerable.Range(0, 12).Select(k => EffectCases.Sound(3000 + (100 * k), k))];
        float[][] inOrder = [.. clips.Select((c, k) => effect.Apply(c, seed: 5, clip: k).Samples.ToArray())];
        foreach (int workers in new[] { 1, 3, 8 })
        {
            // From the last to the first: the order must not matter either.
            using var ahead = new ReadAhead<int, MLAudio>(
                Enumerable.Range(0, clips.Length).Reverse(), k => effect.Apply(clips[k], seed: 5, clip: k), a =>
                a.Length, new ReadAheadLimits { Workers = workers });
            for (int k = clips.Length - 1; ahead.MoveNext(); k--)
            {
                CollectionAssert.AreEqual(inOrder[k], ahead.Current.Samples.ToArray(), $"clip {k}, {workers} workers");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_OtherSeedClipOrEpoch_GivesOtherAudioWhereRandom(string name)
    {
        EffectCase test = EffectCases.All[name];
        AudioAugmentation effect = test.Create(1);
        MLAudio audio = EffectCases.Sound(9000);
        string Run(int seed, long clip, long epoch) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(effect.Apply(audio, seed, clip, epoch).Samples.Span)));
        foreach (Func<int, string> varied in new Func<int, string>[] { k => Run(k, 0, 0), k => Run(0, k, 0),
            k => Run(0, 0, k) })
        {
            int different = Enumerable.Range(0, 12).Select(varied).Distinct().Count();
            Assert.IsTrue(test.IsRandom ? different >= 2 : different == 1, $"{different} different results of 12");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Apply_HalfProbability_ChangesWhatItsFirstDrawSays(string name)
    {
        AudioAugmentation half = EffectCases.All[name].Create(0.5), always = EffectCases.All[name].Create(1);
        MLAudio audio = EffectCases.Sound(500);
        int applied = 0;
        for (int clip = 0; clip < 60; clip++)
        {
            MLAudio result = half.Apply(audio, seed: 7, clip);
            if (AugmentationRandom.Create(7, 0, clip).NextDouble() < 0.5)
            {
                applied++;
                CollectionAssert.AreEqual(
                    always.Apply(audio, seed: 7, clip).Samples.ToArray(), result.Samples.ToArray());
            }
            else
            {
                Assert.AreSame(audio, result);
            }
        }
        Assert.IsTrue(applied is > 15 and < 45, $"{applied} of 60");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void FromJson_OfToJson_IsTheSameEffect(string name)
    {
        AudioAugmentation effect = EffectCases.All[name].Create(1);
        AudioAugmentation copy = AudioAugmentation.FromJson(effect.ToJson());
        Assert.AreEqual(effect.GetType(), copy.GetType());
        Assert.AreEqual(effect.ToJson(), copy.ToJson());
        MLAudio audio = EffectCases.Sound(3000);
        CollectionAssert.AreEqual(
            effect.Apply(audio, seed: 2).Samples.ToArray(), copy.Apply(audio, seed: 2).Samples.ToArray());
    }
}
