using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Onnx;
using SpeechML.Data.Scoring;
using SpeechML.TestSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>What a chain does to audio before its model stands in the file's description.</summary>
[TestClass]
public sealed class AudioStepTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Of_ChainOfOtherColumns_FollowsTheModelsAudioBackToTheFile()
    {
        Row[] clips =
            [.. Directory.GetFiles(RepositoryFiles.Prompts, "*.wav").Take(2).Select(p => new Row { Path = p })];
        IDataView data = _mlContext.Data.LoadFromEnumerable(clips);
        TransformsCatalog steps = _mlContext.Transforms;
        var chain = steps.LoadAudio("Raw", null, "Path", new AudioLoadingOptions { Channel = 0 })
            .Append(steps.TruncateAudio("Cut", TimeSpan.FromSeconds(0.5), inputColumnName: "Raw"))
            .Append(steps.TruncateAudio("Other", TimeSpan.FromSeconds(0.2), inputColumnName: "Raw"))
            .Append(steps.ResampleAudio("Audio", 16_000, "Cut"))
            .Append(steps.NormalizeAudio("Audio"));
        ITransformer fitted = chain.Fit(data);

        AudioStep[] found = AudioStep.Of(TransformerSteps.Flatten(fitted), "Audio", out AudioLoadingOptions? loading);

        Assert.AreEqual(0, loading!.Channel);
        Assert.HasCount(3, found);
        Assert.AreEqual(16_000, found[1].SampleRate);
        Assert.IsTrue(Array.TrueForAll(found, s => s.Check() is null));
        MLAudio[] expected = [.. fitted.Transform(data).GetColumn<MLAudio>("Audio")];
        foreach ((Row row, MLAudio audio) in clips.Zip(expected))
        {
            MLAudio actual = found.Aggregate(MLAudio.FromFile(row.Path), (clip, step) => step.Apply(clip));
            CollectionAssert.AreEqual(audio.Samples.ToArray(), actual.Samples.ToArray());
        }
    }

    [TestMethod]
    public void Check_StepThatIsNone_SaysWhatIsWrong()
    {
        Assert.AreEqual("steps: rate ", new AudioStep().Check());
        Assert.AreEqual("steps: rate 0", new AudioStep(SampleRate: 0).Check());
        Assert.ThrowsExactly<FormatException>(() => new AudioStep(Edit: "{\"type\":\"Other\"}").Check());
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }
}
