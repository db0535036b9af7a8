using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Recordings;

/// <summary>Files that are resampled while they are read.</summary>
[TestClass]
public sealed class LoadAudioRateTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(null)]
    [DataRow(0)]
    public void LoadAudio_SampleRate_IsLoadThenResampleAndSurvivesTheZip(int? channel)
    {
        IDataView data = Prompts.View(_mlContext, 3);
        var options = new AudioLoadingOptions { SampleRate = 22_050, Channel = channel, SaveFolder = true };
        MLAudio[] expected = [.. _mlContext.Transforms
            .LoadAudio("Audio", RepositoryFiles.Prompts, "Path", new AudioLoadingOptions { Channel = channel })
            .Append(_mlContext.Transforms.ResampleAudio("Audio", 22_050)).Fit(data).Transform(data)
            .GetColumn<MLAudio>("Audio")];
        using var scratch = new Scratch();
        _mlContext.Model.Save(
            _mlContext.Transforms.LoadAudio("Audio", RepositoryFiles.Prompts, "Path", options).Fit(data), data.Schema,
            scratch.At("model.zip"));
        MLAudio[] loaded = [.. _mlContext.Model.Load(scratch.At("model.zip"), out _).Transform(data)
            .GetColumn<MLAudio>("Audio")];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(22_050, loaded[i].SampleRate);
            CollectionAssert.AreEqual(expected[i].Samples.ToArray(), loaded[i].Samples.ToArray());
        }
    }
}
