using Microsoft.ML;

namespace SpeechML.Tests.Training;

/// <summary>Options are refused when the estimator is made.</summary>
[TestClass]
public sealed class SpeechTrainingOptionsTests
{
    public static IEnumerable<object[]> Wrong =>
    [
        [(Action<SpeechClassificationOptions>)(o => o.Encoder = " "),
        "Option Encoder: expected a folder, short name or Hub id of a pretrained encoder, got ' '."],
        [(Action<SpeechClassificationOptions>)(o => o.Layer = -2),
        "Option Layer: expected -1 (last) or the number of a hidden state, got '-2'."],
        [(Action<SpeechClassificationOptions>)(o => o.Layers = "1,x"),
        "Option Layers: expected numbers and ranges of hidden states such as '1,3' or '0-6', or 'all', got 'x'."],
        [(Action<SpeechClassificationOptions>)(o => (o.Layer, o.Layers) = (1, "2,3")),
        "Option Layer: expected -1, because Layers is '2,3', got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Epochs = 0), "Option Epochs: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.BatchSize = 0),
        "Option BatchSize: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.AccumulationSteps = 0),
        "Option AccumulationSteps: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EncoderLearningRate = 0),
        "Option EncoderLearningRate: expected a rate above 0, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.HeadLearningRate = double.NaN),
        "Option HeadLearningRate: expected a rate above 0, got 'NaN'."],
        [(Action<SpeechClassificationOptions>)(o => o.WeightDecay = -1),
        "Option WeightDecay: expected 0 or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.WarmupRatio = 1),
        "Option WarmupRatio: expected a share from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.GradientClipNorm = -1),
        "Option GradientClipNorm: expected 0 (off) or a norm above 0, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.CacheMemory = -1),
        "Option CacheMemory: expected 0 or more MiB, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.LabelSmoothing = 1),
        "Option LabelSmoothing: expected a share from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Freezing = (LayerFreezing)99),
        "Option Freezing: expected one of None, RequiredOnly, Optional, Half, ExcludeLast, Layers, All, got '99'."],
        [(Action<SpeechClassificationOptions>)(o => o.Freezing = LayerFreezing.Layers),
        "Option FrozenLayers: expected layers such as '0-3,5' or names of modules such as 'feature_projection', " +
        "because Freezing is Layers, got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.FrozenLayers = "1"),
        "Option FrozenLayers: expected nothing, because Freezing is RequiredOnly, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.EndLearningRateFactor = 0),
        "Option EndLearningRateFactor: expected a share above 0, at most 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingMetric = "rocAOC"),
        "Option EarlyStoppingMetric: expected empty (none) or one of loss, rocAuc, accuracy, balancedAccuracy, f1, " +
        "top2Accuracy, mcc, kappa, logLoss, brier, ece, adaptiveEce, which this task has, got 'rocAOC'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingMetric = "RSquared"),
        "Option EarlyStoppingMetric: expected empty (none) or one of loss, rocAuc, accuracy, balancedAccuracy, f1, " +
        "top2Accuracy, mcc, kappa, logLoss, brier, ece, adaptiveEce, which this task has, got 'r2'."],
        [(Action<SpeechClassificationOptions>)(o => (o.Freezing, o.FrozenLayers) = (LayerFreezing.Layers, "1x")),
        "Option FrozenLayers: expected layer numbers and ranges such as '0-3,5', got '1x'."],
        [(Action<SpeechClassificationOptions>)(o => (o.SoftPrompt.Tokens, o.Freezing) = (4, LayerFreezing.None)),
        "Option Freezing: expected anything but None, because SoftPrompt.Tokens is 4 and a prompt is learned before " +
        "a frozen front end, got 'None'."],
        [(Action<SpeechClassificationOptions>)(o => (o.SoftPrompt.Tokens, o.Layer) = (4, 0)),
        "Option SoftPrompt.Tokens: expected 0, because hidden state 0 alone is in use, which is before the first " +
        "layer that a prompt can change, got '4'."],
        [(Action<SpeechClassificationOptions>)(o => o.SoftPrompt.Tokens = -1),
        "Option SoftPrompt.Tokens: expected 0 (no prompt) to 1024, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.SoftPrompt.InitialScale = 1),
        "Option SoftPrompt.Tokens: expected at least 1, because other options of SoftPrompt are set, got '0'."],
        [(Action<SpeechClassificationOptions>)(
        o => o.SoftPrompt = new SoftPromptOptions { Tokens = 1, InitialScale = 0 }),
        "Option SoftPrompt.InitialScale: expected a number above 0, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.Lora.Alpha = 16),
        "Option Lora.Rank: expected at least 1, because other options of Lora are set, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => (o.Lora.Rank, o.Freezing) = (4, LayerFreezing.Half)),
        "Option Freezing: expected RequiredOnly or All, because Lora.Rank is 4 and adapters freeze all of the " +
        "encoder itself, got 'Half'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule = LearningRateDecay.AsEncoder),
        "Option Schedule: expected anything but AsEncoder, which is for HeadSchedule, got 'AsEncoder'."],
        [(Action<SpeechClassificationOptions>)(o => o.ExponentialGamma = 0.9),
        "Option ExponentialGamma: expected 0, because neither Schedule nor HeadSchedule is Exponential, got '0.9'."],
        [(Action<SpeechClassificationOptions>)(o => o.ExponentialGamma = 1.5),
        "Option ExponentialGamma: expected 0 (none) or a factor above 0, at most 1, got '1.5'."],
        [(Action<SpeechClassificationOptions>)(o => o.PlateauFactor = 1),
        "Option PlateauFactor: expected a factor above 0 and below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.PlateauPatience = -1),
        "Option PlateauPatience: expected 0 epochs or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.LayerDecay = 0),
        "Option LayerDecay: expected a share above 0, at most 1 (none), got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.AdamBeta2 = 1),
        "Option AdamBeta2: expected a number from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.AdamEpsilon = 0),
        "Option AdamEpsilon: expected a number above 0, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingPatience = 0),
        "Option EarlyStoppingPatience: expected at least 1 epoch, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStoppingMinDelta = -1),
        "Option EarlyStoppingMinDelta: expected 0 or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.CheckpointFolder = null!),
        "Option CheckpointFolder: expected a folder, or an empty text for none, got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.CheckpointEveryEpochs = 0),
        "Option CheckpointEveryEpochs: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.CheckpointEverySteps = -1),
        "Option CheckpointEverySteps: expected 0 (none within epochs) or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.FocalGamma = -1),
        "Option FocalGamma: expected 0 (cross-entropy) or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => (o.FocalGamma, o.LabelSmoothing) = (2, 0.1)),
        "Option LabelSmoothing: expected 0, because FocalGamma is 2, got '0.1'."],
        [(Action<SpeechClassificationOptions>)(o => o.ScoreColumnName = ""),
        "Option ScoreColumnName: expected a column name, got ''."],
    ];

    [TestMethod]
    [DynamicData(nameof(Wrong))]
    public void SpeechClassification_OptionOutOfRange_RefusedWhenCreated(
        Action<SpeechClassificationOptions> change, string message)
    {
        var options = new SpeechClassificationOptions { Encoder = "folder" };
        change(options);
        var mlContext = new MLContext();
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options));
        Assert.AreEqual(message, error.Message);
    }

    public static IEnumerable<object[]> WrongMultiLabel =>
    [
        [(Action<SpeechMultiLabelOptions>)(o => o.RatingThreshold = 1),
        "Option RatingThreshold: expected 0 (labels are 1 and 0), or above 1 and at most 4, the lowest and highest " +
        "rating, got '1'."],
        [(Action<SpeechMultiLabelOptions>)(o => o.RatingThreshold = 4.5),
        "Option RatingThreshold: expected 0 (labels are 1 and 0), or above 1 and at most 4, the lowest and highest " +
        "rating, got '4.5'."],
        [(Action<SpeechMultiLabelOptions>)(o => o.Loss = MultiLabelLoss.RankedClassification),
        "Option RatingThreshold: expected the smallest rating that is positive, because Loss is " +
        "RankedClassification, got '0'."],
        [(Action<SpeechMultiLabelOptions>)(
        o => (o.Loss, o.RatingThreshold, o.BatchSize) = (MultiLabelLoss.RankedClassification, 2, 1)),
        "Option BatchSize: expected at least 2, because Loss is RankedClassification and ranks the clips of a batch, " +
        "got '1'."],
        [(Action<SpeechMultiLabelOptions>)(
        o => (o.Loss, o.RatingThreshold, o.FocalGamma) = (MultiLabelLoss.RankedClassification, 2, 1)),
        "Option FocalGamma: expected 0, because Loss is RankedClassification, got '1'."],
        [(Action<SpeechMultiLabelOptions>)(o => o.RankingMargin = 0),
        "Option RankingMargin: expected a number above 0, got '0'."],
        [(Action<SpeechMultiLabelOptions>)(o => o.CrossEntropyShare = 2),
        "Option CrossEntropyShare: expected a share from 0 to 1, got '2'."],
        [(Action<SpeechMultiLabelOptions>)(o => (o.FocalGamma, o.BalancePositives) = (2, true)),
        "Option BalancePositives: expected false, because FocalGamma is 2, got 'True'."],
    ];

    [TestMethod]
    [DynamicData(nameof(WrongMultiLabel))]
    public void MultiLabelClassification_OptionOutOfRange_RefusedWhenCreated(
        Action<SpeechMultiLabelOptions> change, string message)
    {
        var options = new SpeechMultiLabelOptions { Encoder = "folder" };
        change(options);
        var error = Assert.ThrowsExactly<ArgumentException>(() => new MLContext()
            .Speech().Trainers.MultiLabelClassification("Labels", "Audio", options));
        Assert.AreEqual(message, error.Message);
    }

    [TestMethod]
    public void OrdinalClassification_CoralWithAStackPerTarget_RefusedWhenCreated()
    {
        var options = new SpeechOrdinalOptions { Encoder = "folder", Head = new HeadOptions { PerTarget = true } };
        var error = Assert.ThrowsExactly<ArgumentException>(() => new MLContext()
            .Speech().Trainers.OrdinalClassification("Label", "Audio", options));
        Assert.AreEqual(
            "Option Head.PerTarget: expected false, because Loss is Coral and its levels share their weights, got " +
            "'True'.", error.Message);
    }

    [TestMethod]
    public void EncodeSpeech_LearnedPoolingOrWeights_Refused()
    {
        var mlContext = new MLContext();
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.Transforms.EncodeSpeech(
            "F", "A", new SpeechEncodingOptions { Encoder = "e", Pooling = SpeechPooling.Attention }));
        Assert.AreEqual(
            "Option Pooling: expected a pooling without learned weights (a featurizer does not train), got 'Attention'.", error.Message);
        error = Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.Transforms.EncodeSpeech(
                "F", "A", new SpeechEncodingOptions
                {
                    Encoder = "e",
                    Layers = "1,2",
                    LayerCombination = LayerCombination.WeightedSum,
                    LayerWeights = "0.5"
                }));
        Assert.AreEqual("Option LayerWeights: expected 2 numbers above 0, one for each of the layers '1,2', got '0.5'.",
            error.Message);
    }
}
