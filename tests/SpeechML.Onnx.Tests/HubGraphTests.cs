using Microsoft.ML;
using SpeechML.Encoders;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>
/// Classifiers of the Hub as graphs: two linear layers, Whisper's silence pooled, several numbers, adapters, tokens.
/// </summary>
[TestClass]
public sealed class HubGraphTests
{
    private const string Classifiers = "classifiers", Encoders = "more-encoders", None = "(none)";

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Graph_ClassifierOfTheHub_ScoresAreTheReferences(string part, string name)
    {
        if (name == None)
        {
            Assert.Inconclusive("No such classifiers among the reference values.");
        }
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        string folder = Golden.At(part, name);
        bool adapts = Directory.Exists(Path.Combine(folder, "adapter"));
        using SpeechScoringTransformer model = mlContext.Speech().LoadHuggingFace(
            adapts ? Path.Combine(folder, "adapter") : folder,
            options: new HuggingFaceModelOptions { BaseModel = adapts ? Path.Combine(folder, "base") : "" });
        mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"));
        using GoldenTensors golden = GoldenTensors.Open(part, name, "golden.safetensors");
        EncoderConfig encoder = model.Network.Encoder.Config;
        int[] clips = [.. golden.Clips().Where(
            c => golden.Waveform($"clip{c}.waveform").Length is var samples && golden.Has($"clip{c}.logits")
                && samples >= encoder.MinSamples && samples <= (encoder.MaxSamples ?? samples))];
        Assert.IsNotEmpty(clips);
        float[][] waves = [.. clips.Select(c => golden.Waveform($"clip{c}.waveform"))];
        Dictionary<string, float[][]> expected = Scores.Of(model, Scores.Data(mlContext, waves));
        using var run = new OnnxRun(scratch.At("model.onnx"));
        Dictionary<string, (float[] Values, long[] Shape)> together = run.Run(waves);
        string column = model is SpeechMultiLabelTransformer ? "Probability" : "Score";
        for (int i = 0; i < clips.Length; i++)
        {
            string what = $"{name}, clip {clips[i]}";
            Dictionary<string, (float[] Values, long[] Shape)> alone = run.Run(waves[i]);
            foreach ((string made, float[][] rows) in expected)
            {
                int size = rows[i].Length;
                Scores.AreEqual(rows[i], alone[made].Values, $"{what} alone, {made}");
                Scores.AreEqual(
                    rows[i], together[made].Values[(i * size)..((i + 1) * size)], $"{what} in a batch, {made}");
            }
            float[] logits = golden.Floats($"clip{clips[i]}.logits");
            Scores.AreEqual(model switch
            {
                SpeechMultiLabelTransformer => [.. logits.Select(v => 1 / (1 + MathF.Exp(-v)))],
                SpeechClassificationTransformer => Softmax(logits),
                _ => logits,
            }, alone[column].Values, $"{what}, reference");
        }
    }

    [TestMethod]
    public void SaveOnnx_SpeakerEmbedding_IsRefusedByName()
    {
        var mlContext = new MLContext(seed: 1);
        string folder = Path.Combine(RepositoryFiles.Fixtures, "golden", Classifiers, "wavlm-xvector");
        IDataView data = Scores.Data(mlContext, TinyEncoders.Clip(8000, 1));
        using SpeechEncodingTransformer speaker = mlContext.Transforms.EmbedSpeaker("Features", folder).Fit(data);
        var refused = Assert.ThrowsExactly<NotSupportedException>(
            () => mlContext.Speech().SaveOnnx(speaker, new MemoryStream()));
        StringAssert.Contains(refused.Message, "speaker embedding");
    }

    public static IEnumerable<object[]> Names()
    {
        object[][] all =
        [
            .. new[] { Classifiers, Encoders }.SelectMany(part => Golden.Cases(part)
                .Where(name => IsClassifier(part, name)).Select(name => new object[] { part, name })),
        ];
        return all.Length > 0 ? all : [[Classifiers, None]];
    }

    private static bool IsClassifier(string part, string name)
    {
        string[] folder = Directory.Exists(Golden.At(part, name, "base")) ? [part, name, "base"] : [part, name];
        string? python = part == Classifiers ? Golden.Json(part, name, "golden.json").GetProperty("class").GetString()
            : EncoderNames.ClassOf(Golden.Json([.. folder, "config.json"]));
        return python is not null && EncoderNames.IsClassifier(python)
            && !python.EndsWith("ForXVector", StringComparison.Ordinal);
    }

    private static float[] Softmax(float[] logits)
    {
        double[] powers = [.. logits.Select(v => Math.Exp(v - (double)logits.Max()))];
        return [.. powers.Select(p => (float)(p / powers.Sum()))];
    }
}
