using SpeechML.Audio.Common;
using SpeechML.Data.Checking;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Checking;

/// <summary>Recordings in which acoustic measures lie are findings, where that is asked for.</summary>
[TestClass]
public sealed class VoiceCheckTests
{
    private const int Rate = 16000;

    [TestMethod]
    public void Of_UsualVoice_FindsNothing() => Assert.IsEmpty(Problems(Voice(Rate, 130, 0.15), Rate));

    [TestMethod]
    public void Of_SpeechOfALowerRate_IsBandLimited()
    {
        MLAudio upsampled = MLAudio.FromSamples(Voice(8000, 130, 0.15), 8000).Resample(Rate);
        (SpeechDataProblem problem, string message) = VoiceCheck.Of("clip", upsampled).Single();
        Assert.AreEqual(SpeechDataProblem.BandLimited, problem);
        StringAssert.Contains(message, "'clip': expected sound up to 8000 Hz, got none above 4");
    }

    [TestMethod]
    public void Of_TelephoneRate_IsSaid() =>
        CollectionAssert.AreEqual((SpeechDataProblem[])[SpeechDataProblem.Telephone],
            Problems(Voice(8000, 130, 0.15), 8000));

    [TestMethod]
    public void Of_EightBits_AreATelephonesCodec()
    {
        float[] coarse = [.. Voice(Rate, 130, 0.15).Select(v => MathF.Round(v * 127) / 127)];
        (SpeechDataProblem problem, string message) = VoiceCheck.Of("clip", MLAudio.FromSamples(coarse, Rate)).Single();
        Assert.AreEqual(SpeechDataProblem.Telephone, problem);
        StringAssert.Contains(message, "'clip': expected samples of 16 bits, got ");
    }

    [TestMethod]
    public void Of_Whisper_HasLittleVoice()
    {
        var random = new SeededRandom(2);
        float[] noise = [.. Enumerable.Range(0, 2 * Rate).Select(_ => (float)(random.NextDouble() - 0.5) * 0.2f)];
        (SpeechDataProblem problem, string message) = VoiceCheck.Of("clip", MLAudio.FromSamples(noise, Rate)).Single();
        Assert.AreEqual(SpeechDataProblem.LittleVoice, problem);
        StringAssert.Contains(message, "'clip': expected at least 1 s of voice, got 0.0");
    }

    [TestMethod]
    public void Of_VoiceAtTheFloor_IsAtTheEdge()
    {
        (SpeechDataProblem problem, string message) = VoiceCheck
            .Of("clip", MLAudio.FromSamples(Voice(Rate, 76.5, 0.15), Rate)).Single();
        Assert.AreEqual(SpeechDataProblem.PitchAtEdge, problem);
        StringAssert.Contains(message, "of the voiced frames at 75 Hz: part of the voice is not found. Set " +
            "PitchOptions.Floor lower.");
    }

    [TestMethod]
    public void Of_EchoingRoom_IsReverberant()
    {
        (SpeechDataProblem problem, string message) = VoiceCheck
            .Of("clip", MLAudio.FromSamples(Voice(Rate, 130, 1.2), Rate)).Single();
        Assert.AreEqual(SpeechDataProblem.Reverberant, problem);
        StringAssert.Contains(message, "expected a reverberation of at most 0.6 s, got 1.");
    }

    [TestMethod]
    public void Run_MeasureVoice_FindsTheClipsAndUnlikeLevels()
    {
        using var scratch = new Scratch();
        float[] voice = Voice(8000, 130, 0.15);
        string[] keys = [.. Enumerable.Range(0, 10).Select(i => $"clip{i}")];
        for (int i = 0; i < keys.Length; i++)
        {
            float gain = i < 5 ? 1 : 0.03f;
            MLAudio.FromSamples([.. voice.Select(v => v * gain)], 8000).WriteWav(scratch.At($"{keys[i]}.wav"));
        }
        SpeechDataReport Check(bool measures) => DataCheck.Run(
            [new DataPart("all", keys, null, [])],
            new SpeechDataCheckOptions
            {
                AudioKeyColumnName = "file",
                AudioFolder = scratch.Folder,
                MeasureVoice = measures,
            }, null, null, default);
        Assert.IsFalse(Check(false).Findings.Any(f => f.Problem >= SpeechDataProblem.BandLimited));
        SpeechDataFinding[] found =
            [.. Check(true).Findings.Where(f => f.Problem >= SpeechDataProblem.BandLimited)];
        Assert.AreEqual(10, found.Count(f => f.Problem == SpeechDataProblem.Telephone));
        StringAssert.StartsWith(found.Single(f => f.Problem == SpeechDataProblem.UnlikeLevels).Message,
            "Levels: expected recordings of like gain, got ");
    }

    private static SpeechDataProblem[] Problems(float[] samples, int rate) =>
        [.. VoiceCheck.Of("clip", MLAudio.FromSamples(samples, rate)).Select(f => f.Problem)];

    /// <summary>Syllables of a buzz with some noise, which fall by 60 dB in a time.</summary>
    private static float[] Voice(int rate, double pitch, double fall)
    {
        var random = new SeededRandom(1);
        float[] samples = new float[6 * rate];
        double level = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double time = (double)i / rate, place = time % 0.5;
            level = place < 0.22 ? Math.Min(1, level + (30.0 / rate)) : level * Math.Pow(10, -3 / (fall * rate));
            double sum = 0;
            for (int harmonic = 1; harmonic * pitch < rate / 2.0; harmonic++)
            {
                sum += Math.Sin(2 * Math.PI * harmonic * pitch * time) / harmonic;
            }
            samples[i] = (float)((0.3 * level * sum) + (1e-4 * (random.NextDouble() - 0.5)));
        }
        return samples;
    }
}
