using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>
/// No tensor outlives what made it. TorchSharp's count goes up by one for good with every <c>Parameter</c> that is made
/// (its constructor takes the handle out of
/// the tensor it is given, which from then on is neither alive nor taken off the count): what must be equal is the
/// rest.
/// </summary>
[TestClass]
public sealed class MemoryTests
{
    [TestMethod]
    [DataRow("whisper-80", LayerFreezing.RequiredOnly)]
    [DataRow("whisper-80", LayerFreezing.All)]
    [DataRow("hubert-base-like", LayerFreezing.RequiredOnly)]
    public void FitScoreDispose_LiveTensors_AsBefore(string encoder, string freezing)
    {
        Run(encoder, freezing);
        // The head is one linear layer: weight and bias. An encoder is planned without memory before it is built.
        int parameters = (2 * Parameters(encoder, null)) + 2;
        long before = LiveTensors.Count();
        Run(encoder, freezing);
        Assert.AreEqual(before + parameters, LiveTensors.Count());
    }

    [TestMethod]
    public void EncodeSpeech_LiveTensors_AsBefore()
    {
        Encode();
        int parameters = 2 * Parameters("hubert-base-like", 2);
        long before = LiveTensors.Count();
        Encode();
        Assert.AreEqual(before + parameters, LiveTensors.Count());
    }

    private static void Run(string encoder, string freezing)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        SpeechClassificationOptions options = PipelineTests.Options(encoder);
        options.Freezing = freezing;
        using var model = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
            .Fit(data);
        Assert.AreEqual(8, model.Transform(data).GetColumn<uint>("PredictedLabel").Count());
    }

    private static void Encode()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 8);
        var options = new SpeechEncodingOptions
        {
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            Layers = "0-2",
            Pooling = SpeechPooling.MeanStd
        };
        using var model = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.EncodeSpeech("Features", options)).Fit(data);
        Assert.AreEqual(64, model.Transform(data).GetColumn<float[]>("Features").First().Length);
    }

    private static int Parameters(string encoder, int? layers)
    {
        using SpeechEncoder loaded = EncoderLoader.Load(RepositoryFiles.TinyEncoder(encoder), layers);
        return loaded.parameters().Count();
    }
}
