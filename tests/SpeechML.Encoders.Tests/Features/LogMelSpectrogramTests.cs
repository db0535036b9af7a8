using System.Globalization;
using System.Text.Json;
using SpeechML.Audio.Dsp;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests.Features;

[TestClass]
public sealed class LogMelSpectrogramTests
{
    private const int Frames30Seconds = 3000;

    /// <summary>Cases are named clip.melM, as the facts in whisper.json.</summary>
    public static IEnumerable<object[]> Cases() => File.Exists(Golden.At("features", "whisper.json"))
        ? [.. Golden.Json("features", "whisper.json").GetProperty("facts").EnumerateObject()
            .Select(fact => new object[] { fact.Name })]
        : [[EncoderCases.Absent]];

    public static IEnumerable<object[]> Filters()
    {
        if (!File.Exists(Golden.At("features", "mel_filters.safetensors")))
        {
            return [[EncoderCases.Absent]];
        }
        using GoldenTensors golden = GoldenTensors.Open("features", "mel_filters.safetensors");
        return [.. golden.Names.Select(name => new object[] { name })];
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Compute_ReferenceClip_AsReference(string name)
    {
        if (name == EncoderCases.Absent)
        {
            Assert.Inconclusive("No features/whisper among the reference values.");
        }
        JsonElement facts = Golden.Json("features", "whisper.json");
        double atol = facts.GetProperty("tolerances").GetProperty("atol").GetDouble();
        int mels = facts.GetProperty("facts").GetProperty(name).GetProperty("shape")[0].GetInt32();
        JsonElement recipe = facts.GetProperty("cases").GetProperty(name[..name.LastIndexOf('.')]);
        using GoldenTensors golden = GoldenTensors.Open("features", "whisper.safetensors");
        float[] clip = Tiled(golden, recipe);
        var spectrogram = new LogMelSpectrogram(mels, 16000, Frames30Seconds);
        float[] computed = new float[mels * Frames30Seconds];
        spectrogram.Compute(clip, Frames30Seconds, computed, Frames30Seconds);

        Assert.AreEqual(facts.GetProperty("facts").GetProperty(name).GetProperty("mel_frames_of_speech").GetInt64(),
            spectrogram.SpeechFrames(clip.Length));
        foreach (string stored in golden.Names.Where(n => n.StartsWith(name + ".frames.", StringComparison.Ordinal)))
        {
            int[] range = [.. stored[(stored.LastIndexOf('.') + 1)..].Split('_')
                .Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
            float[] expected = golden.Floats(stored);
            int width = range[1] - range[0];
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], computed[i / width * Frames30Seconds + range[0] + i % width], atol,
                    $"{stored}, mel {i / width}, frame {range[0] + i % width}");
            }
        }
        float[] means = golden.Floats($"{name}.frame_mean");
        for (int frame = 0; frame < Frames30Seconds; frame++)
        {
            Assert.AreEqual(means[frame],
                Enumerable.Range(0, mels).Average(mel => (double)computed[mel * Frames30Seconds + frame]), atol,
                $"frame {frame}");
        }
        means = golden.Floats($"{name}.mel_mean");
        for (int mel = 0; mel < mels; mel++)
        {
            Assert.AreEqual(means[mel],
                computed.AsSpan(mel * Frames30Seconds, Frames30Seconds).ToArray().Average(v => (double)v), atol,
                $"mel {mel}");
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Filters))]
    public void Slaney_EveryFilter_AsReference(string name)
    {
        if (name == EncoderCases.Absent)
        {
            Assert.Inconclusive("No features/mel_filters among the reference values.");
        }
        JsonElement tolerances = Golden.Json("features", "mel_filters.json").GetProperty("tolerances");
        using GoldenTensors golden = GoldenTensors.Open("features", "mel_filters.safetensors");
        using TorchSharp.torch.Tensor expected = golden.Read(name);
        double[] values = expected.data<double>().ToArray();
        double[,] filters = MelFilterBank.Slaney((int)expected.shape[0], (int)expected.shape[1], 16000);
        for (int i = 0; i < values.Length; i++)
        {
            double allowed = tolerances.GetProperty("atol").GetDouble() + tolerances.GetProperty("rtol")
                .GetDouble() * Math.Abs(values[i]);
            Assert.AreEqual(values[i], filters[i / expected.shape[1], i % expected.shape[1]], allowed, $"element {i}");
        }
    }

    [TestMethod]
    public void Compute_FewerFrames_AreTheFirstOfAll()
    {
        float[] clip = [.. Enumerable.Range(0, 9000).Select(i => MathF.Sin(i * 0.05f) * 0.3f)];
        var spectrogram = new LogMelSpectrogram(80, 16000, Frames30Seconds);
        float[] all = new float[80 * Frames30Seconds];
        spectrogram.Compute(clip, Frames30Seconds, all, Frames30Seconds);
        foreach (int frames in new[] { 1, 40, 157 })
        {
            float[] some = new float[80 * frames];
            spectrogram.Compute(clip, frames, some, frames);
            for (int mel = 0; mel < 80; mel++)
            {
                CollectionAssert.AreEqual(
                    all.AsSpan(mel * Frames30Seconds, frames).ToArray(), some.AsSpan(mel * frames, frames).ToArray());
            }
        }
    }

    private static float[] Tiled(GoldenTensors golden, JsonElement recipe)
    {
        float[] pieces = [.. recipe.GetProperty("parts").EnumerateArray()
            .SelectMany(part => golden.Waveform($"{part.GetString()}.waveform"))];
        int count = recipe.GetProperty("samples").GetInt32();
        return [.. Enumerable.Range(0, count).Select(i => pieces.Length == 0 ? 0 : pieces[i % pieces.Length])];
    }
}
