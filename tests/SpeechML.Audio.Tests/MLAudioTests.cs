using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

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
        ArgumentOutOfRangeException error =
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MLAudio.FromSamples([1], rate));
        Assert.AreEqual(
            $"Sample rate: expected a positive number of samples per second, got {rate}. (Parameter 'sampleRate')",
            error.Message);
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.NegativeInfinity, "-Infinity")]
    public void FromSamples_NonFiniteSample_NamesIt(float value, string text)
    {
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => MLAudio.FromSamples([0, 0, value, float.NaN], 16000));
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
        short[] samples = [.. Enumerable.Range(0, channels * 150_000)
            .Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
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

    [TestMethod]
    public void TrimSilence_LoudMiddle_KeepsIt()
    {
        float[] samples = new float[4000];
        samples.AsSpan(1500, 1000).Fill(0.5f);
        MLAudio trimmed = MLAudio.FromSamples(samples, 8000)
            .TrimSilence(new SilenceTrimmingOptions { TopDb = 20, FrameLength = 100, HopLength = 50 });
        // frames of 100 centred every 50: those at 1500 to 2500 hold loud samples, and the last one counts for its hop
        // of 50
        Assert.AreEqual(1050, trimmed.Length);
        Assert.AreEqual(1000, trimmed.GetArray().Count(s => s == 0.5f));
    }

    [TestMethod]
    public void TrimSilence_Silence_StaysWhole()
    {
        var audio = MLAudio.FromSamples(new float[5000], 16000);
        Assert.AreSame(audio, audio.TrimSilence());
    }

    [TestMethod]
    public void TrimSilence_NoSamples_StaysEmpty() =>
        Assert.AreEqual(0, MLAudio.FromSamples([], 16000).TrimSilence().Length);

    [TestMethod]
    public void TrimToVoice_Silence_IsEmpty()
    {
        MLAudio trimmed = MLAudio.FromSamples(new float[40_000], 16000).TrimToVoice();
        Assert.AreEqual(0, trimmed.Length);
        Assert.AreEqual(16000, trimmed.SampleRate);
    }

    [TestMethod]
    public void TrimSilence_OptionOutOfRange_SaysWhatIsExpected()
    {
        var audio = MLAudio.FromSamples([1], 16000);
        Assert.AreEqual("Option TopDb: expected 0 dB or more, got '-1'.",
            Assert.ThrowsExactly<ArgumentException>(() => audio.TrimSilence(new() { TopDb = -1 })).Message);
        Assert.AreEqual("Option FrameLength: expected at least 1 sample, got '0'.",
            Assert.ThrowsExactly<ArgumentException>(() => audio.TrimSilence(new() { FrameLength = 0 })).Message);
        Assert.AreEqual("Option HopLength: expected at least 1 sample, got '0'.",
            Assert.ThrowsExactly<ArgumentException>(() => audio.TrimSilence(new() { HopLength = 0 })).Message);
    }

    [TestMethod]
    public void TrimToVoice_OptionOutOfRange_SaysWhatIsExpected()
    {
        var audio = MLAudio.FromSamples([1], 16000);
        Assert.AreEqual("Option MeasureFreq: expected a frequency above 0 Hz, got '0'.",
            Assert.ThrowsExactly<ArgumentException>(() => audio.TrimToVoice(new() { MeasureFreq = 0 })).Message);
        Assert.AreEqual("Option LpFilterFreq: expected a frequency above HpFilterFreq, 50 Hz, got '40'.",
            Assert.ThrowsExactly<ArgumentException>(() => audio.TrimToVoice(new() { LpFilterFreq = 40 })).Message);
    }

    [TestMethod]
    [DataRow(0.0, null, 0, 10)]
    [DataRow(0.3, null, 3, 7)]
    [DataRow(0.3, 0.25, 3, 2)]
    [DataRow(0.39, 5.0, 3, 7)]
    [DataRow(2.0, 1.0, 0, 0)]
    public void Truncate_OffsetAndDuration_TakesWholeSamples(double offset, double? duration, int first, int count)
    {
        var audio = MLAudio.FromSamples([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10);
        MLAudio part = audio.Truncate(
            TimeSpan.FromSeconds(offset), duration is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        CollectionAssert.AreEqual(Enumerable.Range(first, count).Select(i => (float)i).ToArray(), part.GetArray());
    }

    [TestMethod]
    public void Truncate_NegativeTime_SaysWhatIsExpected()
    {
        var audio = MLAudio.FromSamples([1], 10);
        Assert.AreEqual("Truncate: expected offset to be at least 0 s, got -1.5 s. (Parameter 'offset')",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            audio.Truncate(TimeSpan.FromSeconds(-1.5))).Message);
    }

    [TestMethod]
    public void NormalizePeak_Samples_LargestBecomesOne()
    {
        CollectionAssert.AreEqual(
            new float[] { 0.5f, -1, 0 }, MLAudio.FromSamples([0.125f, -0.25f, 0], 8000).NormalizePeak().GetArray());
        CollectionAssert.AreEqual(new float[] { 0, 0 }, MLAudio.FromSamples([0, 0], 8000).NormalizePeak().GetArray());
    }

    [TestMethod]
    public void NormalizeMean_Samples_MeanBecomesZero()
    {
        CollectionAssert.AreEqual(
            new float[] { -1, 0, 1 }, MLAudio.FromSamples([0.5f, 1.5f, 2.5f], 8000).NormalizeMean().GetArray());
        Assert.AreEqual(0, MLAudio.FromSamples([], 8000).NormalizeMean().Length);
    }
}
