using System.Buffers.Binary;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>
/// Samples are always finite: whatever is done to samples as large or as small as a float can be gives finite samples,
/// or says that they do not fit.
/// </summary>
[TestClass]
public sealed class ExtremeSamplesTests
{
    private const int Rate = 16_000;

    public static IEnumerable<object[]> Effects => EffectCases.All.Keys.Select(n => new object[] { n });

    public static IEnumerable<object[]> Signals =>
        new[] { "largest", "alternating", "large noise", "denormals", "denormal noise", "one among zeros", "both" }
            .Select(n => new object[] { n });

    [TestMethod]
    [Timeout(120_000)]
    [DynamicData(nameof(Effects))]
    public void Apply_ExtremeSamples_FiniteOrRefused(string name)
    {
        AudioAugmentation effect = EffectCases.All[name].Create(1);
        foreach (object[] signal in Signals)
        {
            MLAudio audio = MLAudio.FromSamples(Signal((string)signal[0], 4000), Rate);
            for (int clip = 0; clip < 2; clip++)
            {
                AssertFiniteOr<InvalidOperationException>(() => effect.Apply(audio, seed: 2, clip), "finite samples");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Signals))]
    public void Change_ExtremeSamples_FiniteOrRefused(string signal)
    {
        foreach (int length in new[] { 1, 2, 4000 })
        {
            MLAudio audio = MLAudio.FromSamples(Signal(signal, length), Rate);
            foreach (int rate in new[] { 8000, 16_000, 22_050, 48_000 })
            {
                AssertFiniteOr<ArgumentException>(() => audio.Resample(rate), "Scale the audio");
                AssertFiniteOr<ArgumentException>(() => audio.Resample(rate, ResamplingOptions.KaiserBest), "Scale");
            }
            AssertFiniteOr<AudioException>(audio.NormalizeMean, "Scale the audio");
            MLAudio peak = audio.NormalizePeak();
            AssertFinite(peak);
            Assert.AreEqual(1f, peak.Samples.ToArray().Max(Math.Abs));
            AssertFinite(audio.TrimSilence());
            AssertFinite(audio.TrimToVoice());
            AssertFinite(audio.Truncate(TimeSpan.FromMilliseconds(1)));
        }
    }

    [TestMethod]
    public void Change_ModerateSamples_AreNeverRefused()
    {
        float[] samples = [.. Signal("both", 4000).Select(s => s / 1e3f)];
        MLAudio audio = MLAudio.FromSamples(samples, Rate);
        AssertFinite(audio.Resample(48_000));
        AssertFinite(audio.Resample(7999));
        AssertFinite(audio.NormalizeMean());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(6)]
    public void FromFile_LargestFloatsInEveryChannel_MeanIsTheirs(int channels)
    {
        using var scratch = new Scratch();
        string path = scratch.At("loud.wav");
        const int Frames = 3000;
        byte[] bytes = new byte[44 + (4 * Frames * channels)];
        "RIFF"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(20), 3); // IEEE float
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(22), (short)channels);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(28), Rate * 4 * channels);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(32), (short)(4 * channels));
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(34), 32);
        "data"u8.CopyTo(bytes.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), bytes.Length - 44);
        for (int i = 0; i < Frames * channels; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(
                bytes.AsSpan(44 + (4 * i)), i / channels % 2 == 0 ? float.MaxValue : -float.MaxValue);
        }
        File.WriteAllBytes(path, bytes);
        MLAudio audio = MLAudio.FromFile(path);
        Assert.AreEqual(float.MaxValue, audio.Samples.Span[0], float.MaxValue / 1e6f);
        Assert.AreEqual(-float.MaxValue, audio.Samples.Span[1], float.MaxValue / 1e6f);
        AssertFiniteOr<AudioException>(() => MLAudio.FromFile(path, 48_000), "Scale the audio");
    }

    private static float[] Signal(string name, int length)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, length).Select(i => name switch
        {
            "largest" => float.MaxValue,
            "alternating" => i / 7 % 2 == 0 ? float.MaxValue : -float.MaxValue,
            "large noise" => (float)(((2 * random.NextDouble()) - 1) * float.MaxValue),
            "denormals" => float.Epsilon,
            "denormal noise" => (float)(((2 * random.NextDouble()) - 1) * 1e-40),
            "one among zeros" => i == length / 2 ? -float.MaxValue : 0,
            _ => random.Next(3) switch { 0 => float.MaxValue, 1 => -float.Epsilon, _ => -float.MaxValue / 3 },
        })];
    }

    private static void AssertFiniteOr<TException>(Func<MLAudio> change, string message)
        where TException : Exception
    {
        MLAudio result;
        try
        {
            result = change();
        }
        catch (TException e)
        {
            StringAssert.Contains(e.Message, message, StringComparison.Ordinal);
            return;
        }
        AssertFinite(result);
    }

    private static void AssertFinite(MLAudio audio) =>
        Assert.IsTrue(audio.Samples.ToArray().All(float.IsFinite), "a sample is not finite");
}
