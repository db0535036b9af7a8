using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>Trimming and normalising as steps of a pipeline.</summary>
[TestClass]
public sealed class AudioEditingTests
{
    /// <summary>The golden folder <c>trim</c> through the estimator: places are whole numbers, tolerance 0.</summary>
    [TestMethod]
    [TestCategory("Golden")]
    public void TrimSilence_GoldenClips_EqualLibrosa()
    {
        if (!File.Exists(Golden.At("trim", "trim.json")))
        {
            Assert.Inconclusive("The golden folder has no part 'trim'.");
        }
        using var clips = SafetensorsFile.Open(Golden.At("trim", "clips.safetensors"));
        var mlContext = new MLContext(seed: 1);
        foreach (JsonElement row in Golden.Json("trim", "trim.json").GetProperty("cases").EnumerateArray())
        {
            float[] samples = [.. MemoryMarshal.Cast<byte, short>(clips.ReadBytes(row.GetProperty("clip").GetString()!))
                .ToArray().Select(v => v / 32768f)];
            foreach (JsonElement trim in row.GetProperty("librosa").EnumerateArray())
            {
                int start = trim.GetProperty("start").GetInt32(), end = trim.GetProperty("end").GetInt32();
                // The note in the JSON: nearer to the threshold, float32 rounding decides.
                if (trim.GetProperty("margin_db").GetDouble() < 1e-3 || end == start)
                {
                    continue;
                }
                var options = new SilenceTrimmingOptions
                {
                    TopDb = trim.GetProperty("top_db").GetDouble(),
                    FrameLength = trim.GetProperty("frame").GetInt32(),
                    HopLength = trim.GetProperty("hop").GetInt32()
                };
                MLAudio[] trimmed = Run(
                    mlContext, mlContext.Transforms.TrimSilence("Out", options, "Audio"),
                    MLAudio.FromSamples(samples, 16_000));
                CollectionAssert.AreEqual(samples[start..end], trimmed[0].Samples.ToArray(), options.ToString());
            }
        }
    }

    [TestMethod]
    public void TruncateAudio_OffsetAndLength_KeepsThatPart()
    {
        var mlContext = new MLContext(seed: 1);
        var clip = MLAudio.FromSamples([0, 1, 2, 3, 4, 5, 6, 7], 4);
        CollectionAssert.AreEqual(
            new float[] { 2, 3, 4, 5 },
            Run(mlContext, mlContext.Transforms.TruncateAudio(
            "Out", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5), "Audio"), clip)[0].Samples.ToArray());
        CollectionAssert.AreEqual(
            new float[] { 6, 7 }, Run(
            mlContext, mlContext.Transforms.TruncateAudio("Out", null, TimeSpan.FromSeconds(1.5), "Audio"),
            clip)[0].Samples.ToArray());
        Assert.AreEqual(
            "'audio': expected audio beyond the offset of 2 s, got 8 samples (2.000 s) of which nothing is left. " +
            "Leave the clip out.",
            Assert.ThrowsExactly<AudioException>(() =>
            Run(mlContext, mlContext.Transforms.TruncateAudio("Out", null, TimeSpan.FromSeconds(2), "Audio"),
            clip)).Message);
        Assert.AreEqual(
            "Truncation: expected a duration above 0 s, got 0 s.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.Transforms.TruncateAudio("Out", TimeSpan.Zero)).Message);
        Assert.AreEqual(
            "Truncation: expected an offset of at least 0 s, got -1 s.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.Transforms.TruncateAudio("Out", null, TimeSpan.FromSeconds(-1))).Message);
    }

    [TestMethod]
    public void NormalizeAudio_PeakAndMean_DoAsTheySay()
    {
        var mlContext = new MLContext(seed: 1);
        var clip = MLAudio.FromSamples([0.25f, -0.5f, 0.25f, 0.25f], 4);
        CollectionAssert.AreEqual(
            new float[] { 0.5f, -1, 0.5f, 0.5f },
            Run(mlContext, mlContext.Transforms.NormalizeAudio("Out", AudioNormalization.Peak, "Audio"),
            clip)[0].Samples.ToArray());
        CollectionAssert.AreEqual(
            new float[] { 0.1875f, -0.5625f, 0.1875f, 0.1875f },
            Run(mlContext, mlContext.Transforms.NormalizeAudio("Out", AudioNormalization.Mean, "Audio"),
            clip)[0].Samples.ToArray());
    }

    [TestMethod]
    public void TrimToVoice_NoVoice_NamesTheFile()
    {
        var mlContext = new MLContext(seed: 1);
        Assert.AreEqual(
            "'audio': expected voice (VoiceActivityOptions), got 32000 samples (2.000 s) of which nothing is left. " +
            "Leave the clip out.",
            Assert.ThrowsExactly<AudioException>(() =>
            Run(mlContext, mlContext.Transforms.TrimToVoice("Out", inputColumnName: "Audio"),
            MLAudio.FromSamples(new float[32_000], 16_000))).Message);
    }

    [TestMethod]
    public void Model_SavedAndLoaded_EditsTheSame()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 6);
        var pipeline = PromptAudio.Whole(mlContext)
            .Append(mlContext.Transforms.TrimSilence("Audio", new SilenceTrimmingOptions { TopDb = 30 }))
            .Append(mlContext.Transforms.TrimToVoice("Voice", new VoiceActivityOptions { TriggerLevel = 3 }, "Audio"))
            .Append(mlContext.Transforms.TruncateAudio("Audio", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50)))
            .Append(mlContext.Transforms.NormalizeAudio("Audio", AudioNormalization.Mean))
            .Append(mlContext.Transforms.NormalizeAudio("Audio"));
        ITransformer model = pipeline.Fit(data);
        mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
        ITransformer loaded = new MLContext().Model.Load(scratch.At("model.zip"), out _);
        foreach (string column in new[] { "Audio", "Voice" })
        {
            MLAudio[] here = [.. model.Transform(data).GetColumn<MLAudio>(column)],
                there = [.. loaded.Transform(data).GetColumn<MLAudio>(column)];
            for (int i = 0; i < here.Length; i++)
            {
                CollectionAssert.AreEqual(here[i].Samples.ToArray(), there[i].Samples.ToArray());
            }
        }
        Assert.IsTrue(loaded.Transform(data).GetColumn<MLAudio>("Audio")
            .All(a => a.Length <= 16_000 && a.Samples.ToArray().Max(Math.Abs) == 1));
    }

    private static MLAudio[] Run(MLContext mlContext, IEstimator<ITransformer> step, params MLAudio[] clips)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(clips.Select(c => new Row { Audio = c }));
        return [.. step.Fit(data).Transform(data).GetColumn<MLAudio>("Out")];
    }

    private sealed class Row
    {
        public MLAudio Audio { get; set; } = null!;
    }
}
