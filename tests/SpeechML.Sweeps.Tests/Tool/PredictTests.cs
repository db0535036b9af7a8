using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Tool;

/// <summary><c>speechml predict</c> with models whose first step takes audio, as services have.</summary>
[TestClass]
public sealed class PredictTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Predict_ModelWithoutLoadAudio_ScoresFilesAsTheModelDoes(bool resamples)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(8);
        IDataView clips = mlContext.Data.LoadFromEnumerable(rows);
        IDataView read = mlContext.Transforms.LoadAudio("Audio", RepositoryFiles.Prompts, "Path")
            .Fit(clips).Transform(clips);
        IDataView data = resamples ? read
            : mlContext.Transforms.ResampleAudio("Audio", 16_000).Fit(read).Transform(read);
        IEstimator<ITransformer> trainer = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio",
                new SpeechClassificationOptions
                {
                    Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
                    Layers = EncoderLayers.Last,
                    Freezing = LayerFreezing.All,
                    Epochs = 2,
                }));
        ITransformer model = resamples
            ? mlContext.Transforms.ResampleAudio("Audio", 16_000).Append(trainer).Fit(data) : trainer.Fit(data);
        using var owner = (IDisposable)model;
        string zip = scratch.At("model.zip");
        mlContext.Model.Save(model, data.Schema, zip);

        string[] files = [.. rows.Select(r => Path.Combine(RepositoryFiles.Prompts, $"{r.Path}.wav"))];
        string[] lines = ChildProgram.Succeed(RepositoryFiles.Tool, ["predict", "--model", zip, "--file", .. files])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        float[][] expected = [.. model.Transform(data).GetColumn<float[]>("Score")];
        Assert.HasCount(files.Length + 1, lines);
        for (int i = 0; i < files.Length; i++)
        {
            string[] cells = lines[i + 1].Split(',');
            Assert.AreEqual(files[i], cells[0]);
            for (int k = 0; k < expected[i].Length; k++)
            {
                Assert.AreEqual(expected[i][k], float.Parse(cells[2 + k], CultureInfo.InvariantCulture), 1e-5);
            }
        }
    }
}
