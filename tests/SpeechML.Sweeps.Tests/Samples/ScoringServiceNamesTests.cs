using System.Net;
using System.Text.Json;
using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Samples;

/// <summary>The sample that scores uploads, with a model as the README's program saves it.</summary>
[TestClass]
public sealed class ScoringServiceNamesTests
{
    private const int ClipsOfEach = 3;

    [TestMethod]
    public async Task Service_ModelWhoseChainEndsWithNames_AnswersByName()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        Row[] rows = [.. new[] { "en", "fr" }.SelectMany(l => Directory.GetFiles(RepositoryFiles.Prompts, $"{l}*.wav")
            .Order(StringComparer.Ordinal).Take(ClipsOfEach).Select(f => new Row { File = f, Label = l }))];
        IDataView data = mlContext.Data.LoadFromEnumerable(rows);
        var options = new SpeechClassificationOptions
        {
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            Layers = EncoderLayers.Last,
            Epochs = 1,
        };
        using var model = mlContext.Transforms.LoadAudio("Audio", null, nameof(Row.File))
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey(nameof(Row.Label)))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                nameof(Row.Label), "Audio", options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        Directory.CreateDirectory(scratch.At("best"));
        mlContext.Speech().SaveForScoring(model, data.Schema, scratch.At("best/model.zip"));
        string[] expected = [.. mlContext.Data.CreateEnumerable<Scored>(model.Transform(data), false)
            .Select(s => s.PredictedLabel)];

        using ScoringServiceProcess service = ScoringServiceProcess.Start(scratch.Folder);

        for (int i = 0; i < rows.Length; i++)
        {
            using JsonDocument answer = JsonDocument.Parse(
                await service.Score(File.ReadAllBytes(rows[i].File), HttpStatusCode.OK));
            Assert.AreEqual(expected[i], answer.RootElement.GetProperty("label").GetString());
            Assert.HasCount(2, answer.RootElement.GetProperty("probabilities").EnumerateObject().ToArray());
        }
    }

    private sealed class Row
    {
        public string File { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class Scored
    {
        public string PredictedLabel { get; set; } = "";
    }
}
