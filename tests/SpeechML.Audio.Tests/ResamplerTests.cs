using SpeechML.Audio.Resampling;

namespace SpeechML.Audio.Tests;

[TestClass]
public sealed class ResamplerTests
{
    [TestMethod]
    public void Resample_EqualRates_CopiesTheInput()
    {
        float[] input = [1, 2, 3];
        float[] output = Resampler.Resample(input, 8000, 8000);
        CollectionAssert.AreEqual(input, output);
        Assert.AreNotSame(input, output);
    }

    [TestMethod]
    public void Resample_RatesOfEqualRatio_GiveTheSame()
    {
        float[] input = Noise(1000);
        CollectionAssert.AreEqual(Resampler.Resample(input, 44100, 16000), Resampler.Resample(input, 441, 160));
    }

    [TestMethod]
    [DataRow(44100, 16000)]
    [DataRow(16000, 44100)]
    public void Resample_SlowSine_KeepsIt(int from, int to)
    {
        float[] input = [.. Enumerable.Range(0, from).Select(i => (float)Math.Sin(2 * Math.PI * 440 * i / from))];
        float[] output = Resampler.Resample(input, from, to, ResamplingOptions.KaiserBest);
        Assert.HasCount(to, output);
        for (int j = to / 4; j < to * 3 / 4; j++)
        {
            Assert.AreEqual(Math.Sin(2 * Math.PI * 440 * j / to), output[j], 1e-5);
        }
    }

    /// <summary>
    /// Such rates have kernels too large to store, so the taps are computed one by one: the definition itself.
    /// </summary>
    [TestMethod]
    public void Resample_KernelTooLargeToStore_EqualsTheStoredOneNearby()
    {
        float[] input = [.. Enumerable.Range(0, 4000).Select(i => (float)Math.Sin(i * 0.05))];
        float[] near = Resampler.Resample(input, 44100, 16000, ResamplingOptions.KaiserBest);
        float[] got = Resampler.Resample(input, 44_100_001, 16_000_000, ResamplingOptions.KaiserBest);
        Assert.IsFalse(ResamplingKernel.Get(44_100_001, 16_000_000, ResamplingOptions.KaiserBest).IsStored);
        Assert.HasCount(near.Length, got);
        for (int j = 0; j < got.Length; j++)
        {
            Assert.AreEqual(near[j], got[j], 1e-4);
        }
    }

    [TestMethod]
    public void Resample_RateNotPositive_SaysWhatIsExpected()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => Resampler.Resample([1], 16000, 0));
        Assert.AreEqual("Sample rates: expected positive numbers of samples per second, got 16000 and 0.",
            error.Message);
    }

    [TestMethod]
    [DataRow(0, 0.9, 1.0, "Option LowpassFilterWidth: expected at least 1 zero crossing, got '0'.")]
    [DataRow(6, 1.5, 1.0, "Option Rolloff: expected a share above 0, at most 1, got '1.5'.")]
    [DataRow(6, 0.0, 1.0, "Option Rolloff: expected a share above 0, at most 1, got '0'.")]
    [DataRow(6, 0.9, double.NaN, "Option Beta: expected 0 or more, got 'NaN'.")]
    public void Resample_OptionOutOfRange_SaysWhatIsExpected(int width, double rolloff, double beta, string message)
    {
        var options = new ResamplingOptions { LowpassFilterWidth = width, Rolloff = rolloff, Beta = beta };
        Assert.AreEqual(message,
            Assert.ThrowsExactly<ArgumentException>(() => Resampler.Resample([1], 16000, 8000, options)).Message);
    }

    [TestMethod]
    public void Resample_ResultTooLong_SaysSo()
    {
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => Resampler.Resample(new float[100], 1, 1_000_000_000));
        Assert.AreEqual(
            $"Resampling 100 samples from 1 to 1000000000 Hz: expected at most {Array.MaxLength} samples of output, " +
            $"got 100000000000. (Parameter 'toRate')", error.Message);
    }

    private static float[] Noise(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
