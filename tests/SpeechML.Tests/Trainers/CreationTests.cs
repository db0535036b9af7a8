using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>What needs no data is refused when the estimator is created, not hours later at <c>Fit</c>.</summary>
[TestClass]
public class CreationTests
{
    private static readonly MLContext s_mlContext = new(0);

    [TestMethod]
    [DataRow("hallf", "Option Freezing: 'hallf' matches no parameter of the encoder; expected numbers of layers ")]
    [DataRow("0-1,decoder.layers.0", "Option Freezing: 'decoder.layers.0' matches no parameter of the encoder; ")]
    [DataRow("0-9", "Option Freezing: expected layer numbers and ranges within 0 to 2 (the layers in use), ")]
    public void Freezing_OfAnEncoderOnThisMachine_IsCheckedByItsParts(string freezing, string message) =>
        Refused(o => o.Freezing = freezing, message);

    [TestMethod]
    [DataRow("hallf", "Option Freezing: expected one of auto, none, required-only, ", "did you mean 'half'?")]
    [DataRow("0-3,feature_projecton", "Option Freezing: expected one of ", "did you mean 'feature_projection'?")]
    public void Freezing_OfAnEncoderToBeDownloaded_IsAWordOrAModuleOfAFamily(
        string freezing, string message, string hint)
    {
        string text = Refused(o => (o.Encoder, o.Freezing) = ("wavlm-base", freezing), message);
        StringAssert.EndsWith(text, hint, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Freezing_WordsAndModulesOfAnEncoderToBeDownloaded_AreTaken()
    {
        foreach (string freezing in new[] { "half", "0-3", "feature_projection,encoder.layers.2", "conv1,layers.0" })
        {
            Create(o => (o.Encoder, o.Freezing) = ("wavlm-base", freezing));
        }
    }

    [TestMethod]
    public void Layers_BeyondTheEncoder_AreRefused() =>
        Refused(o => o.Layers = "7", "Option Layers: expected hidden states from 0 to 3, the layers of the encoder");

    [TestMethod]
    public void Layers_MisspeltWord_IsRefused() =>
        Refused(o => o.Layers = "lst", "Option Layers: expected numbers and ranges of hidden states ");

    [TestMethod]
    public void Encoder_NeitherFolderNorShortNameNorHubId_IsRefused() =>
        Refused(o => o.Encoder = "wavlm-bse", "Encoder 'wavlm-bse': expected a folder ");

    [TestMethod]
    public void FrameAttentionHeads_ThatDoNotDivideTheSize_AreRefused() =>
        Refused(o => (o.Head.FrameLayers, o.Head.FrameAttentionHeads) = (1, 7),
            "Option Head.FrameAttentionHeads: expected a divisor of ");

    [TestMethod]
    public void Featurizer_LayersAndSharesThatTheEncoderLacks_AreRefused()
    {
        string encoder = RepositoryFiles.TinyEncoder("whisper-80");
        foreach ((SpeechEncodingOptions options, string message) in new (SpeechEncodingOptions, string)[]
        {
            (new() { Encoder = encoder, Layers = "9" }, "Option Layers: expected hidden states from 0 to 3"),
            (new() { Encoder = "whispr" }, "Encoder 'whispr': expected a folder "),
            (new()
            {
                Encoder = encoder,
                Layers = "all",
                LayerCombination = LayerCombination.WeightedSum,
                LayerWeights = "0.5,0.5",
            }, "Option LayerWeights: expected 4 numbers above 0"),
        })
        {
            StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentException>(() =>
                s_mlContext.Transforms.EncodeSpeech("Features", options)).Message, message);
        }
    }

    private static string Refused(Action<SpeechRegressionOptions> change, string message)
    {
        string text = Assert.ThrowsExactly<ArgumentException>(() => Create(change)).Message;
        StringAssert.StartsWith(text, message, StringComparison.Ordinal);
        return text;
    }

    private static void Create(Action<SpeechRegressionOptions> change)
    {
        var options = new SpeechRegressionOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
        };
        change(options);
        _ = s_mlContext.Regression.Trainers.SpeechRegression("Label", "Audio", options);
    }
}
