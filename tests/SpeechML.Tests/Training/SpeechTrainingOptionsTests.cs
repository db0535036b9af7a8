using Microsoft.ML;

namespace SpeechML.Tests.Training;

/// <summary>Options are refused when the estimator is made.</summary>
[TestClass]
public sealed class SpeechTrainingOptionsTests
{
    public static IEnumerable<object[]> Wrong =>
    [
        [(Action<SpeechClassificationOptions>)(o => o.Encoder = " "), "Option Encoder: expected a folder, short name or Hub id of a pretrained encoder, got ' '."],
        [(Action<SpeechClassificationOptions>)(o => o.Layer = -2), "Option Layer: expected -1 (last) or the number of a hidden state, got '-2'."],
        [(Action<SpeechClassificationOptions>)(o => o.Layers = "1,x"), "Option Layers: expected numbers and ranges of hidden states such as '1,3' or '0-6', or 'all', got 'x'."],
        [(Action<SpeechClassificationOptions>)(o => (o.Layer, o.Layers) = (1, "2,3")), "Option Layer: expected -1, because Layers is '2,3', got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Epochs = 0), "Option Epochs: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.BatchSize = 0), "Option BatchSize: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.AccumulationSteps = 0), "Option AccumulationSteps: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EncoderLearningRate = 0), "Option EncoderLearningRate: expected a rate above 0, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.HeadLearningRate = double.NaN), "Option HeadLearningRate: expected a rate above 0, got 'NaN'."],
        [(Action<SpeechClassificationOptions>)(o => o.WeightDecay = -1), "Option WeightDecay: expected 0 or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.WarmupRatio = 1), "Option WarmupRatio: expected a share from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.GradientClipNorm = -1), "Option GradientClipNorm: expected 0 (off) or a norm above 0, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.CacheMemory = -1), "Option CacheMemory: expected 0 or more MiB, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.LabelSmoothing = 1), "Option LabelSmoothing: expected a share from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Freezing = (LayerFreezing)99), "Option Freezing: expected one of None, RequiredOnly, Optional, Half, ExcludeLast, Layers, All, got '99'."],
        [(Action<SpeechClassificationOptions>)(o => o.Freezing = LayerFreezing.Layers), "Option FrozenLayers: expected layer numbers such as '0-3,5', because Freezing is Layers, got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.FrozenLayers = "1"), "Option FrozenLayers: expected nothing, because Freezing is RequiredOnly, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.EndLearningRateFactor = 0), "Option EndLearningRateFactor: expected a share above 0, at most 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingMetric = (EarlyStoppingMetric)9), "Option EarlyStoppingMetric: expected one of None, Loss, Accuracy, BalancedAccuracy, MacroRocAuc, got '9'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingPatience = 0), "Option EarlyStoppingPatience: expected at least 1 epoch, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingMinDelta = -1), "Option EarlyStoppingMinDelta: expected 0 or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.CheckpointFolder = null!), "Option CheckpointFolder: expected a folder, or an empty text for none, got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.CheckpointEveryEpochs = 0), "Option CheckpointEveryEpochs: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.CheckpointEverySteps = -1), "Option CheckpointEverySteps: expected 0 (none within epochs) or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.FocalGamma = -1), "Option FocalGamma: expected 0 (cross-entropy) or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => (o.FocalGamma, o.LabelSmoothing) = (2, 0.1)), "Option LabelSmoothing: expected 0, because FocalGamma is 2, got '0.1'."],
        [(Action<SpeechClassificationOptions>)(o => o.ScoreColumnName = ""), "Option ScoreColumnName: expected a column name, got ''."],
    ];

    [TestMethod]
    [DynamicData(nameof(Wrong))]
    public void SpeechClassification_OptionOutOfRange_RefusedWhenCreated(Action<SpeechClassificationOptions> change, string message)
    {
        var options = new SpeechClassificationOptions { Encoder = "folder" };
        change(options);
        var mlContext = new MLContext();
        var error = Assert.ThrowsExactly<ArgumentException>(() => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options));
        Assert.AreEqual(message, error.Message);
    }

    [TestMethod]
    public void EncodeSpeech_LearnedPoolingOrWeights_Refused()
    {
        var mlContext = new MLContext();
        var error = Assert.ThrowsExactly<ArgumentException>(() => mlContext.Transforms.EncodeSpeech("F", "A", new SpeechEncodingOptions { Encoder = "e", Pooling = SpeechPooling.Attention }));
        Assert.AreEqual("Option Pooling: expected a pooling without learned weights (a featurizer does not train), got 'Attention'.", error.Message);
        error = Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.Transforms.EncodeSpeech("F", "A", new SpeechEncodingOptions { Encoder = "e", Layers = "1,2", LayerCombination = LayerCombination.WeightedSum, LayerWeights = "0.5" }));
        Assert.AreEqual("Option LayerWeights: expected 2 numbers above 0, one for each of the layers '1,2', got '0.5'.", error.Message);
    }
}
