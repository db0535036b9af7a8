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
        [(Action<SpeechClassificationOptions>)(o => o.Layers = ""),
        "Option Layers: expected numbers and ranges of hidden states such as '3', '1,3' or '0-6', 'auto', 'last' or " +
        "'all', got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.Layers = "1,x"),
        "Option Layers: expected numbers and ranges of hidden states such as '3', '1,3' or '0-6', 'auto', 'last' or " +
        "'all', got 'x'."],
        [(Action<SpeechClassificationOptions>)(o => o.Epochs = 0), "Option Epochs: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.BatchSize = 0),
        "Option BatchSize: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.Optimizer.AccumulationSteps = 0),
        "Option Optimizer.AccumulationSteps: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EncoderLearningRate = 0),
        "Option EncoderLearningRate: expected a rate above 0, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.HeadLearningRate = double.NaN),
        "Option HeadLearningRate: expected a rate above 0, got 'NaN'."],
        [(Action<SpeechClassificationOptions>)(o => o.Optimizer.WeightDecay = -1),
        "Option Optimizer.WeightDecay: expected 0 or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.WarmupRatio = 1),
        "Option Schedule.WarmupRatio: expected a share from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Optimizer.ClipNorm = -1),
        "Option Optimizer.ClipNorm: expected 0 (off) or a norm above 0, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Cache.Memory = -1),
        "Option Cache.Memory: expected 0 or more MiB, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.LabelSmoothing = 1),
        "Option LabelSmoothing: expected a share from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Freezing = ""),
        "Option Freezing: expected a word such as 'all' or 'half', or layers and names of modules such as " +
        "'0-3,feature_projection', got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.EndFactor = 0),
        "Option Schedule.EndFactor: expected a share above 0, at most 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStopping.Metric = "rocAOC"),
        "Option EarlyStopping.Metric: expected empty (none) or one of loss, rocAuc, accuracy, balancedAccuracy, f1, " +
        "top2Accuracy, mcc, kappa, logLoss, brier, ece, adaptiveEce, aurc, which this task has, got 'rocAOC'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStopping.Metric = "RSquared"),
        "Option EarlyStopping.Metric: expected empty (none) or one of loss, rocAuc, accuracy, balancedAccuracy, f1, " +
        "top2Accuracy, mcc, kappa, logLoss, brier, ece, adaptiveEce, aurc, which this task has, got 'r2'."],
        [(Action<SpeechClassificationOptions>)(o => o.Freezing = "1x"),
        "Option Freezing: expected layer numbers and ranges such as '0-3,5', got '1x'."],
        [(Action<SpeechClassificationOptions>)(o => (o.SoftPrompt.Tokens, o.Freezing) = (4, LayerFreezing.None)),
        "Option Freezing: expected anything but none, because SoftPrompt.Tokens is 4 and a prompt is learned before " +
        "a frozen front end, got 'none'."],
        [(Action<SpeechClassificationOptions>)(o => (o.SoftPrompt.Tokens, o.Layers) = (4, "0")),
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
        "Option Freezing: expected required-only or all, because Lora.Rank is 4 and adapters freeze all of the " +
        "encoder itself, got 'half'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.Decay = LearningRateDecay.AsEncoder),
        "Option Schedule.Decay: expected anything but AsEncoder, which is for Schedule.HeadDecay, got 'AsEncoder'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.Gamma = 0.9),
        "Option Schedule.Gamma: expected 0, because neither Schedule.Decay nor Schedule.HeadDecay is Exponential, " +
        "got '0.9'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.Gamma = 1.5),
        "Option Schedule.Gamma: expected 0 (none) or a factor above 0, at most 1, got '1.5'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.PlateauFactor = 1),
        "Option Schedule.PlateauFactor: expected a factor above 0 and below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Schedule.PlateauPatience = -1),
        "Option Schedule.PlateauPatience: expected 0 epochs or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Optimizer.LayerDecay = 0),
        "Option Optimizer.LayerDecay: expected a share above 0, at most 1 (none), got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.Optimizer.Beta2 = 1),
        "Option Optimizer.Beta2: expected a number from 0 to below 1, got '1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Optimizer.Epsilon = 0),
        "Option Optimizer.Epsilon: expected a number above 0, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStopping.Patience = 0),
        "Option EarlyStopping.Patience: expected at least 1 epoch, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.EarlyStopping.MinDelta = -1),
        "Option EarlyStopping.MinDelta: expected 0 or more, got '-1'."],
        [(Action<SpeechClassificationOptions>)(o => o.Checkpoints.Folder = null!),
        "Option Checkpoints.Folder: expected a folder, or an empty text for none, got ''."],
        [(Action<SpeechClassificationOptions>)(o => o.Checkpoints.EveryEpochs = 0),
        "Option Checkpoints.EveryEpochs: expected at least 1, got '0'."],
        [(Action<SpeechClassificationOptions>)(o => o.Checkpoints.EverySteps = -1),
        "Option Checkpoints.EverySteps: expected 0 (none within epochs) or more, got '-1'."],
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
        var options = new SpeechClassificationOptions { Layers = EncoderLayers.Last, Encoder = "folder" };
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
        var options = new SpeechMultiLabelOptions { Layers = EncoderLayers.Last, Encoder = "folder" };
        change(options);
        var error = Assert.ThrowsExactly<ArgumentException>(() => new MLContext()
            .Speech().Trainers.MultiLabelClassification("Labels", "Audio", options));
        Assert.AreEqual(message, error.Message);
    }

    [TestMethod]
    public void OrdinalClassification_CoralWithAStackPerTarget_RefusedWhenCreated()
    {
        var options = new SpeechOrdinalOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = "folder",
            Head = new HeadOptions { PerTarget = true },
        };
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
            "F", new SpeechEncodingOptions { Encoder = "e", Pooling = SpeechPooling.Attention }, "A"));
        Assert.AreEqual(
            "Option Pooling: expected a pooling without learned weights (a featurizer does not train), got " +
            "'Attention'.", error.Message);
        error = Assert.ThrowsExactly<ArgumentException>(() =>
            mlContext.Transforms.EncodeSpeech(
                "F", new SpeechEncodingOptions
                {
                    Encoder = "e",
                    Layers = "1,2",
                    LayerCombination = LayerCombination.WeightedSum,
                    LayerWeights = "0.5"
                }, "A"));
        Assert.AreEqual("Option LayerWeights: expected 2 numbers above 0, one for each of the layers '1,2', got '0.5'.",
            error.Message);
    }
}
