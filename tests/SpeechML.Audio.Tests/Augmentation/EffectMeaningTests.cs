using SpeechML.Audio.Dsp;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Augmentation;

/// <summary>What each effect does to a sound, where golden values do not say it.</summary>
[TestClass]
public sealed class EffectMeaningTests
{
    private const int Rate = EffectCases.Rate;

    [TestMethod]
    [DataRow(2, true, new float[] { 4, 5, 1, 2, 3 })]
    [DataRow(-2, true, new float[] { 3, 4, 5, 1, 2 })]
    [DataRow(7, true, new float[] { 4, 5, 1, 2, 3 })]
    [DataRow(2, false, new float[] { 0, 0, 1, 2, 3 })]
    [DataRow(-2, false, new float[] { 3, 4, 5, 0, 0 })]
    [DataRow(9, false, new float[] { 0, 0, 0, 0, 0 })]
    public void Shift_ByPlaces_MovesSamples(int places, bool rollover, float[] expected) =>
        CollectionAssert.AreEqual(expected, Shift.Move([1, 2, 3, 4, 5], places, rollover, fade: 0));

    [TestMethod]
    public void Shift_WithFade_IsQuietAtTheSeamOnly()
    {
        float[] ones = [.. Enumerable.Repeat(1f, 100)];
        float[] result = Shift.Move(ones, 30, rollover: true, fade: 10);
        Assert.AreEqual(0f, result[29]);
        Assert.AreEqual(0f, result[30]);
        CollectionAssert.AreEqual(ones[..20], result[..20]);
        CollectionAssert.AreEqual(ones[..60], result[40..]);
        CollectionAssert.AreEqual(ones[..30], Shift.Move(ones, -30, rollover: false, fade: 10)[..30]);
    }

    [TestMethod]
    public void Shift_InSeconds_UsesTheRate()
    {
        MLAudio shifted = new Shift(0.25, 0.25, AudioUnit.Seconds, rollover: false, fadeDuration: 0, p: 1)
            .Apply(EffectCases.Sound(Rate), seed: 1);
        CollectionAssert.AreEqual(EffectCases.Sound(Rate).Samples[..(Rate * 3 / 4)].ToArray(),
            shifted.Samples[(Rate / 4)..].ToArray());
    }

    [TestMethod]
    public void Reverse_Twice_IsTheClip()
    {
        MLAudio audio = EffectCases.Sound(777);
        var reverse = new Reverse(p: 1);
        CollectionAssert.AreEqual(audio.Samples.ToArray(), reverse.Apply(reverse.Apply(audio, 1), 1).Samples.ToArray());
    }

    [TestMethod]
    [DataRow(RepeatMode.Insert, new float[] { 0, 1, 2, 3, 2, 3, 2, 3, 4, 5, 6, 7 })]
    [DataRow(RepeatMode.Replace, new float[] { 0, 1, 2, 3, 2, 3, 2, 3 })]
    public void RepeatPart_WithoutFade_RepeatsSamples(RepeatMode mode, float[] expected) =>
        CollectionAssert.AreEqual(
            expected, RepeatPart.Repeat([0, 1, 2, 3, 4, 5, 6, 7], start: 2, part: 2, repeats: 2, mode, half: 0));

    [TestMethod]
    [DataRow(RepeatMode.Insert, 5000 + (3 * 700))]
    [DataRow(RepeatMode.Replace, 5000)]
    public void RepeatPart_WithFade_HasNoJump(RepeatMode mode, int length)
    {
        // The part is a whole number of periods: equal-sum fades would not show, equal-energy ones lift by at most the
        // square root of 2.
        float[] tone = [.. Enumerable.Range(0, 5000).Select(i => (float)Math.Sin(2 * Math.PI * i / 70))];
        float[] result = RepeatPart.Repeat(tone, 1000, 700, 3, mode, half: 40);
        Assert.HasCount(length, result);
        Assert.IsTrue(result.Zip(result.Skip(1), (a, b) => Math.Abs(b - a)).Max() < 0.15, "a jump");
        CollectionAssert.AreEqual(tone[..1660], result[..1660]);
        CollectionAssert.AreEqual(tone[^200..], result[^200..]);
    }

    [TestMethod]
    public void RepeatPart_ClipTooShort_GivesTheSameObject()
    {
        MLAudio audio = EffectCases.Sound(Rate / 5);
        Assert.AreSame(audio, new RepeatPart(p: 1).Apply(audio, seed: 1));
    }

    [TestMethod]
    [DataRow(MaskLocation.Start)]
    [DataRow(MaskLocation.End)]
    public void TimeMask_AtAnEnd_IsThere(MaskLocation location)
    {
        float[] ones = [.. Enumerable.Repeat(1f, 1000)];
        float[] got = new TimeMask(0.2, 0.2, fadeDuration: 0, location, p: 1)
            .Apply(MLAudio.FromSamples(ones, Rate), seed: 1).Samples.ToArray();
        float[] silent = location == MaskLocation.Start ? got[..200] : got[800..],
            loud = location == MaskLocation.Start ? got[200..] : got[..800];
        Assert.IsTrue(silent.All(s => s == 0) && loud.All(s => s == 1));
    }

    [TestMethod]
    public void TimeMask_Random_MasksTheShareAndFades()
    {
        MLAudio ones = MLAudio.FromSamples([.. Enumerable.Repeat(1f, 1000)], Rate);
        for (int clip = 0; clip < 200; clip++)
        {
            float[] got = new TimeMask(0.1, 0.3, p: 1).Apply(ones, seed: 1, clip).Samples.ToArray();
            int changed = got.Count(s => s != 1), silent = got.Count(s => s == 0);
            // A fade's first sample is still 1, its last already 0; each has 80 samples, or half the mask.
            Assert.IsTrue(changed is >= 98 and <= 300 && silent > 0 && silent <= changed - 60,
                $"{changed} changed, {silent} silent");
        }
    }

    [TestMethod]
    public void GainTransition_GoesFromOneGainToTheOther()
    {
        float[] ones = [.. Enumerable.Repeat(1f, 100)];
        float[] got = GainTransition.Transition(ones, start: 20, length: 41, firstDb: -20, secondDb: 20);
        Assert.AreEqual(0.1f, got[0], 1e-6);
        Assert.AreEqual(0.1f, got[20], 1e-6);
        Assert.AreEqual(1f, got[40], 1e-6);
        Assert.AreEqual(10f, got[60], 1e-5);
        Assert.AreEqual(10f, got[99], 1e-5);
    }

    [TestMethod]
    public void Normalize_OnlyTooLoud_LeavesQuietOnes()
    {
        MLAudio quiet = MLAudio.FromSamples([0.5f, -0.25f], Rate), loud = MLAudio.FromSamples([0.5f, -2f], Rate);
        var effect = new Normalize(NormalizeTarget.OnlyTooLoudSounds, p: 1);
        Assert.AreSame(quiet, effect.Apply(quiet, seed: 1));
        CollectionAssert.AreEqual(new[] { 0.25f, -1f }, effect.Apply(loud, seed: 1).Samples.ToArray());
        CollectionAssert.AreEqual(new[] { 1f, -0.5f }, new Normalize(p: 1).Apply(quiet, seed: 1).Samples.ToArray());
    }

    [TestMethod]
    public void TanhDistortion_KeepsTheLoudnessAndFlattensPeaks()
    {
        MLAudio audio = EffectCases.Sound(8000);
        MLAudio distorted = new TanhDistortion(0.6, 0.6, p: 1).Apply(audio, seed: 1);
        Assert.AreEqual(SampleMath.Rms(audio.Samples.Span), SampleMath.Rms(distorted.Samples.Span), 1e-6);
        Assert.IsLessThan(0.9 * SampleMath.Peak(audio.Samples.Span), SampleMath.Peak(distorted.Samples.Span));
    }

    [TestMethod]
    public void BitCrush_Leaves_TheStepsOfItsDepth()
    {
        float[] got = new BitCrush(5, 5, p: 1).Apply(EffectCases.Sound(8000), seed: 1).Samples.ToArray();
        Assert.IsTrue(got.All(s => Math.Abs((s * 17) - Math.Round(s * 17)) < 1e-5));
        Assert.IsGreaterThan(10, got.Distinct().Count());
    }

    [TestMethod]
    public void Aliasing_FoldsATone()
    {
        // 5 kHz sampled at 8 kHz comes back at 3 kHz.
        float[] got = new Aliasing(8000, 8000, p: 1).Apply(Tone(5000, 0.5), seed: 1).Samples.ToArray();
        Assert.IsGreaterThan(5 * Level(Tone(5000, 0.5).Samples.Span, 3000), Level(got, 3000));
        Assert.IsGreaterThan(0.05, Level(got, 3000));
    }

    [TestMethod]
    public void AddGaussianNoise_HasItsStandardDeviation()
    {
        float[] noise = new AddGaussianNoise(0.01, 0.01, p: 1)
            .Apply(MLAudio.FromSamples(new float[200_000], Rate), seed: 1).Samples.ToArray();
        Assert.AreEqual(0.01, SampleMath.Rms(noise), 1e-4);
        Assert.AreEqual(0, noise.Average(), 1e-4);
        Assert.AreEqual(0.683, noise.Count(s => Math.Abs(s) < 0.01) / 200_000.0, 0.005);
    }

    [TestMethod]
    public void AddGaussianSnr_ReachesTheRatio()
    {
        MLAudio audio = EffectCases.Sound(100_000);
        MLAudio noisy = new AddGaussianSnr(10, 10, p: 1).Apply(audio, seed: 1);
        Assert.AreEqual(10, Snr(audio, noisy), 0.1);
    }

    [TestMethod]
    [DataRow(1000)]
    [DataRow(30_000)]
    public void AddBackgroundNoise_ReachesTheRatioWithAnyNoiseLength(int length)
    {
        MLAudio audio = EffectCases.Sound(length, 9);
        for (int clip = 0; clip < 10; clip++)
        {
            Assert.AreEqual(7, Snr(audio,
                new AddBackgroundNoise(EffectCases.Sounds, 7, 7, p: 1).Apply(audio, seed: 1, clip)), 1e-3);
        }
    }

    [TestMethod]
    public void AddBackgroundNoise_Absolute_HasItsLevelOnSilence()
    {
        MLAudio noisy = new AddBackgroundNoise(
            EffectCases.Sounds, noiseRms: NoiseRms.Absolute, minAbsoluteRmsDb: -20, maxAbsoluteRmsDb: -20, p: 1)
            .Apply(MLAudio.FromSamples(new float[9000], Rate), seed: 1);
        Assert.AreEqual(0.1, SampleMath.Rms(noisy.Samples.Span), 1e-6);
    }

    [TestMethod]
    public void BandStopFilter_RemovesItsBandOnly()
    {
        var filter = new BandStopFilter(1000, 1000, 0.8, 0.8, 24, 24, p: 1);
        Assert.IsLessThan(0.02, Level(filter.Apply(Tone(1000, 1), seed: 1).Samples.Span[4000..], 1000));
        Assert.AreEqual(1, Level(filter.Apply(Tone(4000, 1), seed: 1).Samples.Span[4000..], 4000), 0.02);
        Assert.AreEqual(1, Level(filter.Apply(Tone(200, 1), seed: 1).Samples.Span[4000..], 200), 0.02);
    }

    [TestMethod]
    [DataRow(false, 0.7071)]
    [DataRow(true, 0.5)]
    public void LowPassFilter_AtItsEdge_HasTheKnownLevel(bool zeroPhase, double expected)
    {
        foreach (int rolloff in new[] { 12, 24, 36 })
        {
            float[] got = new LowPassFilter(2000, 2000, rolloff, rolloff, zeroPhase, p: 1)
                .Apply(Tone(2000, 1), seed: 1).Samples.ToArray();
            Assert.AreEqual(expected, Level(got.AsSpan(2000..^2000), 2000), 0.005, $"{rolloff} dB per octave");
        }
    }

    [TestMethod]
    public void Filters_OfOddOrder_PassAndStop()
    {
        Assert.AreEqual(1, Level(
            new LowPassFilter(4000, 4000, 18, 18, p: 1).Apply(Tone(200, 1), seed: 1).Samples.Span[2000..], 200), 0.01);
        Assert.AreEqual(1, Level(
            new HighPassFilter(300, 300, 30, 30, p: 1).Apply(Tone(4000, 1), seed: 1).Samples.Span[2000..], 4000), 0.01);
        Assert.AreEqual(1, Level(
            new BandPassFilter(1000, 1000, 1.5, 1.5, 18, 18, p: 1).Apply(Tone(1000, 1), seed: 1).Samples.Span[4000..],
            1000), 0.01);
        Assert.IsLessThan(0.05,
            Level(new BandStopFilter(1000, 1000, 1.5, 1.5, 18, 18, p: 1)
            .Apply(Tone(1000, 1), seed: 1).Samples.Span[4000..], 1000));
    }

    [TestMethod]
    public void Mp3Compression_MoreBits_LessLoss()
    {
        MLAudio audio = EffectCases.Sound(16_000);
        double[] ratios = [.. new[] { 8, 16, 32, 64, 128 }
            .Select(b => Snr(audio, new Mp3Compression(b, b, p: 1).Apply(audio, seed: 1)))];
        Assert.IsTrue(ratios.Zip(ratios.Skip(1), (a, b) => b > a).All(x => x), string.Join(", ", ratios));
        Assert.IsTrue(ratios[0] is > 3 and < 30 && ratios[^1] > 30, string.Join(", ", ratios));
    }

    [TestMethod]
    public void Mp3Compression_LowRate_LimitsTheBand()
    {
        var effect = new Mp3Compression(8, 8, p: 1);
        Assert.IsLessThan(0.001, Level(effect.Apply(Tone(5000, 1), seed: 1).Samples.Span, 5000));
        Assert.AreEqual(1, Level(effect.Apply(Tone(1000, 1), seed: 1).Samples.Span, 1000), 0.1);
    }

    [TestMethod]
    public void CosineTransform_OverlappedFrames_GiveTheSignalBack()
    {
        const int Lines = 64;
        double[] signal = [.. EffectCases.Sound(10 * Lines).Samples.ToArray().Select(s => (double)s)],
            sums = new double[signal.Length], lines = new double[Lines], back = new double[2 * Lines];
        var transform = new CosineTransform(Lines);
        for (int start = 0; start + (2 * Lines) <= signal.Length; start += Lines)
        {
            double Window(int i) => Math.Sin(Math.PI * (i + 0.5) / (2 * Lines));
            transform.Forward([.. Enumerable.Range(0, 2 * Lines).Select(i => signal[start + i] * Window(i))], lines);
            transform.Inverse(lines, back);
            for (int i = 0; i < back.Length; i++)
            {
                sums[start + i] += back[i] * Window(i);
            }
        }
        for (int i = Lines; i < signal.Length - Lines; i++)
        {
            Assert.AreEqual(signal[i], sums[i], 1e-12);
        }
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(300, 1)]
    [DataRow(5000, 700)]
    [DataRow(700, 5000)]
    [DataRow(20_000, 1500)]
    public void Convolve_AnyLengths_EqualsTheSum(int length, int responseLength)
    {
        float[] samples = EffectCases.Sound(length).Samples.ToArray();
        double[] response = [.. EffectCases.Sound(responseLength, 3).Samples.ToArray().Select(s => s + 0.1)];
        int full = length + responseLength - 1;
        float[] got = Convolution.Convolve(samples, response, full);
        Assert.HasCount(full, got);
        for (int n = 0; n < full; n += Math.Max(1, full / 97))
        {
            double sum = 0;
            for (int k = Math.Max(0, n - length + 1); k < Math.Min(responseLength, n + 1); k++)
            {
                sum += response[k] * samples[n - k];
            }
            Assert.AreEqual(sum, got[n], 1e-4, $"sample {n}");
        }
    }

    [TestMethod]
    public void SpeedPerturbation_DrawsEachFactor()
    {
        var effect = new SpeedPerturbation();
        int[] lengths = [.. Enumerable.Range(0, 300)
            .Select(clip => effect.Apply(EffectCases.Sound(900), seed: 1, clip).Length)];
        foreach (int length in new[] { 819, 900, 1000 })
        {
            Assert.AreEqual(100, lengths.Count(l => l == length), 30, $"{length} samples");
        }
    }

    private static MLAudio Tone(double frequency, double amplitude) =>
        MLAudio.FromSamples([.. Enumerable.Range(0, Rate)
            .Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * frequency * i / Rate)))], Rate);

    /// <summary>The amplitude of one frequency.</summary>
    private static double Level(ReadOnlySpan<float> samples, double frequency)
    {
        System.Numerics.Complex sum = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            sum += samples[i] * System.Numerics.Complex.FromPolarCoordinates(1, -2 * Math.PI * frequency * i / Rate);
        }
        return 2 * sum.Magnitude / samples.Length;
    }

    private static double Snr(MLAudio clean, MLAudio noisy)
    {
        Assert.AreEqual(clean.Length, noisy.Length);
        float[] noise = [.. clean.Samples.ToArray().Zip(noisy.Samples.ToArray(), (a, b) => b - a)];
        return 10 * Math.Log10(SampleMath.MeanSquare(clean.Samples.Span) / SampleMath.MeanSquare(noise));
    }
}
