using System.Diagnostics;
using SpeechML.Audio.Common;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures;
using SpeechML.Audio.Measures.Signals;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Measures;

/// <summary>What acoustic measures make of recordings that are no voice, of long ones, and of wrong options.</summary>
[TestClass]
public sealed class VoiceMeasuresTests
{
    private const int Rate = 16000;

    [TestMethod]
    public void Measure_Silence_HasNoVoice_ButATime()
    {
        Dictionary<string, double> got = Named(new float[Rate]);
        Assert.AreEqual(1, got["duration"]);
        Assert.AreEqual(0, got["voiced_fraction"]);
        Assert.AreEqual(0, got["phonation_ratio"]);
        Assert.AreEqual(0, got["intensity_mean"]);
        string[] undefined = ["f0_mean", "jitter_local", "shimmer_local", "hnr_mean", "cpps", "f1_mean", "alpha_ratio",
            "spectral_centre", "run_mean", "articulation_rate"];
        foreach (string name in undefined)
        {
            Assert.AreEqual(double.NaN, got[name], name);
        }
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.25f)]
    [DataRow(-1f)]
    public void Measure_ConstantSamples_HaveNoPeriodicity(float value)
    {
        Dictionary<string, double> got = Named([.. Enumerable.Repeat(value, Rate / 2)]);
        Assert.AreEqual(double.NaN, got["hnr_mean"]);
        Assert.AreEqual(double.NaN, got["cpps"]);
        Assert.AreEqual(double.NaN, got["jitter_local"]);
        Assert.AreEqual(0.5, got["duration"]);
    }

    [TestMethod]
    public void Measure_TwentyMilliseconds_HasASpectrumAndNoPitch()
    {
        Dictionary<string, double> got = Named([.. Enumerable.Range(0, Rate / 50).Select(i => MathF.Sin(i * 0.2f))]);
        Assert.AreEqual(double.NaN, got["voiced_fraction"]);
        Assert.AreEqual(double.NaN, got["intensity_mean"]);
        Assert.AreEqual(double.NaN, got["pause_rate"]);
        Assert.AreEqual(0.2 * Rate / (2 * Math.PI), got["spectral_centre"], 250);
        Assert.AreEqual(0.02, got["duration"], 1e-12);
    }

    [TestMethod]
    public void Measure_NoSamples_IsUndefined()
    {
        Dictionary<string, double> got = Named([]);
        Assert.AreEqual(0, got["duration"]);
        Assert.IsTrue(got.Where(p => p.Key != "duration").All(p => double.IsNaN(p.Value)));
    }

    [TestMethod]
    public void Measure_NaNOrInfinity_NamesTheSample()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
            () => VoiceMeasures.Measure([0, 1, float.NaN], Rate));
        StringAssert.Contains(error.Message, "Sample 2: expected a finite number, got NaN");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VoiceMeasures.Measure([0, 1], 0));
    }

    [TestMethod]
    public void Measure_ClippedVoice_KeepsItsPitch()
    {
        float[] voice = Voice(1, Rate);
        Dictionary<string, double> plain = Named(voice);
        Dictionary<string, double> clipped = Named([.. voice.Select(v => Math.Clamp(v, -0.05f, 0.05f))]);
        Assert.AreEqual(plain["f0_median"], clipped["f0_median"], 1);
        Assert.IsTrue(clipped.Values.All(v => !double.IsInfinity(v)));
    }

    [TestMethod]
    public void Measure_Gain_MovesLevelsOnly()
    {
        float[] voice = Voice(1, Rate);
        Dictionary<string, double> loud = Named(voice), quiet = Named([.. voice.Select(v => v * 0.25f)]);
        foreach (string name in loud.Keys.Where(n => !n.StartsWith("intensity", StringComparison.Ordinal)))
        {
            Assert.AreEqual(loud[name], quiet[name], 1e-6 * Math.Max(1, Math.Abs(loud[name])), name);
        }
        Assert.AreEqual(-20 * Math.Log10(4), quiet["intensity_mean"] - loud["intensity_mean"], 1e-6);
    }

    [TestMethod]
    public void Measure_RecordingInBlocks_EqualsTheWhole()
    {
        MLAudio audio = MLAudio.FromSamples(Voice(12, Rate), Rate);
        var options = new VoiceMeasureOptions();
        double[] whole = VoiceMeasures.Measure(audio);
        double[] blocks = VoiceVector.Of(
            VoiceAnalyzer.Analyze(new SampleSignal(audio, largestWhole: 1 << 15), options, vectorOnly: true));
        for (int i = 0; i < whole.Length; i++)
        {
            // Blocks of 0.5 s; those of long recordings are 32 times as long.
            Assert.AreEqual(
                whole[i], blocks[i], 2e-3 * Math.Max(1, Math.Abs(whole[i])), VoiceMeasures.All[i].Name);
        }
    }

    [TestMethod]
    public void EachMeasure_AskedByItself_IsThatOfTheAnalysis()
    {
        MLAudio audio = MLAudio.FromSamples(Voice(2, Rate), Rate);
        VoiceAnalysis all = VoiceMeasures.Analyze(audio);
        PitchContour pitch = VoiceMeasures.Pitch(audio);
        IReadOnlyList<double> nuclei =
            VoiceMeasures.SyllableNuclei(audio, pitch, VoiceMeasures.SoundingIntervals(audio)!)!;
        Assert.IsGreaterThan(0, nuclei.Count);
        CollectionAssert.AreEqual(all.Nuclei!.ToArray(), nuclei.ToArray());
    }

    [TestMethod]
    public void LongTransform_ThereAndBack_EqualsTheShortOne()
    {
        var random = new SeededRandom(3);
        double[] signal = [.. Enumerable.Range(0, 500).Select(_ => random.NextDouble() - 0.5)];
        var transform = new LongTransform(512);
        transform.Forward(signal);
        System.Numerics.Complex[] want = new RealTransform(512).Forward(signal).ToArray();
        for (int k = 0; k < want.Length; k++)
        {
            Assert.AreEqual(want[k].Real, transform.Re[k], 1e-12);
            Assert.AreEqual(want[k].Imaginary, transform.Im[k], 1e-12);
        }
        double[] back = transform.Inverse().ToArray();
        for (int i = 0; i < back.Length; i++)
        {
            Assert.AreEqual(i < signal.Length ? signal[i] : 0, back[i], 1e-13);
        }
    }

    [TestMethod]
    public void Vertex_WithoutABend_IsTheMiddle()
    {
        (double, double) none = (0, 0);
        Assert.AreEqual(none, MeasureMath.Vertex(1, 1, 1));
        Assert.AreEqual(none, MeasureMath.Vertex(0, double.Epsilon, double.Epsilon));
        Assert.AreEqual(none, MeasureMath.Vertex(0, double.MaxValue, 0));
        Assert.AreEqual(none, MeasureMath.Vertex(0, double.PositiveInfinity, 1));
        Assert.AreEqual((0.25, 0.0625), MeasureMath.Vertex(-1.5625, -0.0625, -0.5625));
    }

    [TestMethod]
    public void Options_OutOfRange_AreNamed()
    {
        MLAudio audio = MLAudio.FromSamples(new float[100], Rate);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
            () => VoiceMeasures.Pitch(audio, new PitchOptions { Ceiling = 70 })).Message,
            "Option Ceiling: expected a frequency above Floor, 75 Hz, got '70'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
            () => VoiceMeasures.Intensity(audio, new IntensityOptions { Step = 1e-6 })).Message,
            "Option Step: expected 0 or at least 0.0005 s, got '1E-06'");
        Assert.ThrowsExactly<ArgumentException>(() => VoiceMeasures.Measure(
            audio, new VoiceMeasureOptions { Cpps = new CepstralPeakOptions { Lowest = 400 } }));
        Assert.ThrowsExactly<ArgumentException>(
            () => VoiceMeasures.Mfcc(audio, new MfccOptions { Count = 50 }));
    }

    [TestMethod]
    public void Measure_RandomAndMutatedSignals_NeverFailsOrHangs() => Fuzz(0, 60);

    [TestMethod]
    [TestCategory("Slow")]
    public void Measure_TenThousandSignals_NeverFailsOrHangs() => Fuzz(60, 10_000);

    private static void Fuzz(int first, int count)
    {
        string[] prompts = [.. Directory.EnumerateFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal)
            .Take(10)];
        MLAudio[] voices = [.. prompts.Select(MLAudio.FromFile)];
        int[] rates = [8000, 16000, 44100, 11025, 22050, 48000, 1000, 100];
        for (int seed = first; seed < first + count; seed++)
        {
            var random = new SeededRandom((ulong)seed);
            int rate = rates[random.Next(rates.Length)];
            float[] samples = Signal(random, voices);
            double seconds = double.PositiveInfinity;
            for (int attempt = 0; attempt < 3 && seconds > 1; attempt++)
            {
                var watch = Stopwatch.StartNew();
                double[] values = Measured(samples, rate, seed);
                seconds = watch.Elapsed.TotalSeconds;
                Assert.HasCount(54, values);
                Assert.IsFalse(values.Any(double.IsInfinity), $"signal {seed}");
            }
            Assert.IsLessThanOrEqualTo(1, seconds, $"signal {seed}: {samples.Length} samples at {rate} Hz");
        }
    }

    private static double[] Measured(float[] samples, int rate, int seed)
    {
        try
        {
            return VoiceMeasures.Measure(samples, rate);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Signal {seed}: {samples.Length} samples at {rate} Hz", e);
        }
    }

    private static float[] Signal(SeededRandom random, MLAudio[] voices)
    {
        int length = random.Next(5) == 0 ? random.Next(40) : random.Next(6000);
        float gain = (float)Math.Pow(10, (random.NextDouble() * 40) - 35);
        gain = random.Next(4) == 0 ? gain : 0.5f;
        double f = Math.Pow(10, random.NextDouble() * 4) / 16000;
        float[] samples = new float[length];
        int kind = random.Next(8);
        float[] voice = voices[random.Next(voices.Length)].Samples.ToArray();
        for (int i = 0; i < length; i++)
        {
            samples[i] = kind switch
            {
                0 => (float)(random.NextDouble() - 0.5),
                1 => (float)Math.Sin(2 * Math.PI * f * i),
                2 => i % (2 + (int)(1 / f)) == 0 ? 1 : 0,
                3 => i % 2 == 0 ? 1 : -1,
                4 => Math.Clamp(4 * voice[(i + 2000) % voice.Length], -1, 1),
                5 => i < length / 2 ? voice[(i + 2000) % voice.Length] : 0,
                6 => random.Next(50) == 0 ? (float)(random.NextDouble() - 0.5) : voice[(i + 2000) % voice.Length],
                _ => 1,
            } * gain;
        }
        return samples;
    }

    private static Dictionary<string, double> Named(float[] samples) => VoiceMeasures.All
        .Zip(VoiceMeasures.Measure(samples, Rate)).ToDictionary(p => p.First.Name, p => p.Second);

    /// <summary>A buzz of falling pitch with noise, on and off.</summary>
    private static float[] Voice(double seconds, int rate)
    {
        var random = new SeededRandom(5);
        float[] samples = new float[(int)(seconds * rate)];
        double phase = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double time = (double)i / rate;
            phase += (130 + (20 * Math.Sin(time))) / rate;
            double sum = 0;
            for (int harmonic = 1; harmonic <= 20; harmonic++)
            {
                sum += Math.Sin(2 * Math.PI * harmonic * phase) / harmonic;
            }
            double envelope = time % 1.5 < 1.1 ? 1 : 0.001;
            samples[i] = (float)((0.1 * envelope * sum) + (0.002 * (random.NextDouble() - 0.5)));
        }
        return samples;
    }
}
