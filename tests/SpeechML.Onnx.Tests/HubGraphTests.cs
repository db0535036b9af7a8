using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>Classifiers of the Hub as graphs: two linear layers, Whisper's silence pooled, several numbers.</summary>
[TestClass]
public sealed class HubGraphTests
{
    [TestMethod]
    [DataRow("hubert-softmax")]
    [DataRow("wav2vec2-emotion")]
    [DataRow("whisper-weighted-layers")]
    public void Graph_ClassifierOfTheHub_ScoresAreTheModels(string name)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model = mlContext.Speech().LoadHuggingFace(
            Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", name));
        string path = scratch.At("model.onnx");
        mlContext.Speech().SaveOnnx(model, path);
        float[][] clips = [TinyEncoders.Clip(5000, 1), TinyEncoders.Clip(8003, 2)];
        Dictionary<string, float[][]> expected = Scores.Of(model, Scores.Data(mlContext, clips));
        using var run = new OnnxRun(path);
        for (int i = 0; i < clips.Length; i++)
        {
            Dictionary<string, (float[] Values, long[] Shape)> outputs = run.Run(clips[i]);
            foreach ((string column, float[][] rows) in expected)
            {
                Scores.AreEqual(rows[i], outputs[column].Values, $"clip {i}, {column}");
            }
        }
    }
}
