namespace SpeechML.Tests.Audio;

[TestClass]
public sealed class MLAudioTests
{
    [TestMethod]
    public void FromSamples_Samples_CopiesThem()
    {
        float[] samples = [0.5f, -2, 0, 1];
        var audio = MLAudio.FromSamples(samples, 8);
        samples[0] = 9;
        CollectionAssert.AreEqual(new float[] { 0.5f, -2, 0, 1 }, audio.Samples.ToArray());
        Assert.AreEqual(8, audio.SampleRate);
        Assert.AreEqual(4, audio.Length);
        Assert.AreEqual(TimeSpan.FromSeconds(0.5), audio.Duration);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-16000)]
    public void FromSamples_RateNotPositive_SaysWhatIsExpected(int rate)
    {
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MLAudio.FromSamples([1], rate));
        Assert.AreEqual($"Sample rate: expected a positive number of samples per second, got {rate}. (Parameter 'sampleRate')", error.Message);
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.NegativeInfinity, "-Infinity")]
    public void FromSamples_NonFiniteSample_NamesIt(float value, string text)
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => MLAudio.FromSamples([0, 0, value, float.NaN], 16000));
        Assert.AreEqual($"Sample 2: expected a finite number, got {text}. (Parameter 'samples')", error.Message);
    }

    [TestMethod]
    public void Resample_SameRate_IsTheSameObject()
    {
        var audio = MLAudio.FromSamples([1, 2, 3], 16000);
        Assert.AreSame(audio, audio.Resample(16000));
    }

    [TestMethod]
    [DataRow(1, 44100, 16000)]
    [DataRow(2, 8000, 16000)]
    [DataRow(3, 16000, 44100)]
    [DataRow(2, 48000, 16000)]
    public void FromFile_AnotherRate_EqualsResamplingTheWhole(int channels, int rate, int target)
    {
        var random = new Random(rate + channels);
        // longer than two of the blocks in which files are read
        short[] samples = [.. Enumerable.Range(0, channels * 150_000).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.wav");
        File.WriteAllBytes(path, WavBytes.Pcm16(samples, channels, rate));
        try
        {
            foreach (ResamplingOptions options in new[] { ResamplingOptions.Hann, ResamplingOptions.KaiserBest })
            {
                var whole = MLAudio.FromFile(path).Resample(target, options);
                var streamed = MLAudio.FromFile(path, target, options);
                Assert.AreEqual(target, streamed.SampleRate);
                CollectionAssert.AreEqual(whole.GetArray(), streamed.GetArray());
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
