using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Whole pipelines with validation data, and what a fitted model says of its training.</summary>
[TestClass]
public sealed class PipelineFitTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Fit_ChainWithValidation_IsTheTrainerFittedOnPreparedParts()
    {
        (IDataView train, IDataView validation) = Parts();
        IEstimator<ITransformer> preparation = Preparation();
        using TransformerChain<ITransformer> whole = _mlContext.Speech().Fit(
            preparation.Append<ITransformer>(Trainer()), train, validation);
        ITransformer prepared = preparation.Fit(train);
        using SpeechClassificationTransformer apart =
            Trainer().Fit(prepared.Transform(train), prepared.Transform(validation));

        CollectionAssert.AreEqual(Scores(apart.Transform(prepared.Transform(validation))),
            Scores(whole.Transform(validation)));
        TrainingOutcome outcome = whole.OfType<SpeechClassificationTransformer>().Single().Outcome!;
        Assert.AreEqual(apart.Outcome, outcome);
        Assert.IsNotNull(outcome.BestEpoch);
    }

    [TestMethod]
    public void Fit_WithAugmentation_LeavesValidationAlone()
    {
        (IDataView train, IDataView validation) = Parts();
        var augmented = Preparation().Append(_mlContext.Transforms.AugmentAudio("Audio", new Gain(-6, 6), seed: 1));
        using var chain = _mlContext.Speech().Fit(augmented.Append(Trainer()), train, validation);
        ITransformer[] steps = [.. TransformersOf(augmented.Fit(train))];
        IDataView Before(IDataView data) => steps[..^1].Aggregate(data, (d, s) => s.Transform(d));
        using SpeechClassificationTransformer apart = Trainer().Fit(
            ((AudioAugmentationTransformer)steps[^1]).TransformForTraining(Before(train)), Before(validation));
        CollectionAssert.AreEqual(
            Scores(apart.Transform(Before(validation))), Scores(chain.Transform(validation)));
    }

    [TestMethod]
    public void Fit_InnerChainCacheAndKeysBehind_AreKept()
    {
        (IDataView train, IDataView validation) = Parts();
        var inner = Preparation().AppendCacheCheckpoint(_mlContext).Append(Trainer());
        var pipeline = _mlContext.Transforms.CopyColumns("Copy", "Label").Append(inner)
            .Append(_mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        using var model = _mlContext.Speech().Fit(pipeline, train, validation);
        Assert.AreEqual(typeof(TextDataViewType), model.Transform(validation).Schema["PredictedLabel"].Type.GetType());
        Assert.IsNotNull(TransformersOf(model).OfType<SpeechClassificationTransformer>().Single().Outcome!.BestEpoch);
    }

    [TestMethod]
    public void Fit_ThresholdsBehindTheTrainer_AreChosenOnValidationData()
    {
        (IDataView train, IDataView validation) = Parts();
        SpeechMultiLabelOptions options = TinyRuns.MultiLabel();
        var pipeline = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.TruncateAudio("Audio", TimeSpan.FromSeconds(0.5)))
            .Append(_mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options));
        using var model = _mlContext.Speech().Fit(pipeline.Append(_mlContext.Speech().Thresholds()), train, validation);
        using var scorer = _mlContext.Speech().Fit(pipeline, train, validation);
        bool[][] expected = Decisions(
            _mlContext.Speech().Thresholds().Fit(scorer.Transform(validation)).Transform(scorer.Transform(validation)));
        bool[][] onTraining = Decisions(
            _mlContext.Speech().Thresholds().Fit(scorer.Transform(train)).Transform(scorer.Transform(validation)));
        Assert.AreEqual(Text(expected), Text(Decisions(model.Transform(validation))));
        Assert.AreNotEqual(Text(onTraining), Text(expected));
    }

    [TestMethod]
    public void Fit_WithoutASpeechTrainer_NamesWhatIsThere()
    {
        (IDataView train, IDataView validation) = Parts();
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.Speech().Fit(Preparation().Append(Preparation()), train, validation));
        StringAssert.StartsWith(e.Message,
            "Pipeline: expected a trainer of SpeechML in it, which takes validation data, got AudioLoadingEstimator, ");
    }

    [TestMethod]
    public void Outcome_StoppedEarly_IsLoggedReportedAndSaved()
    {
        (IDataView train, IDataView validation) = Parts();
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        var text = new StringWriter();
        SpeechClassificationOptions options = Options();
        // Nothing learns: the first epoch stays the best.
        (options.EncoderLearningRate, options.HeadLearningRate, options.Epochs) = (1e-12, 1e-12, 9);
        (options.EarlyStopping.Metric, options.EarlyStopping.Patience, options.EarlyStopping.MinDelta) =
            ("accuracy", 2, 0.01);
        using var model = _mlContext.Speech().Fit(
            Preparation().Append(Trainer(options, new TextProgress(text))), train, validation);

        TrainingOutcome outcome = model.LastTransformer.Outcome!;
        Assert.AreEqual((3, 9, 1, true, 1, "accuracy"), (outcome.LastEpoch, outcome.Epochs, outcome.KeptEpoch,
            outcome.StoppedEarly, outcome.BestEpoch!.Value, outcome.Metric));
        string line = FormattableString.Invariant(
            $"stopped after epoch 3 of 9: best epoch 1, Accuracy {outcome.BestValue:F3}, whose weights are kept");
        Assert.AreEqual(line, outcome.ToString());
        StringAssert.EndsWith(log.Last(m => m.Contains("epoch", StringComparison.Ordinal)), line);
        StringAssert.EndsWith(text.ToString().TrimEnd(), line);

        using var zip = new MemoryStream();
        _mlContext.Model.Save(model, train.Schema, zip);
        using var loaded = (IDisposable)_mlContext.Model.Load(zip, out _);
        Assert.AreEqual(outcome, TransformersOf((ITransformer)loaded).OfType<SpeechClassificationTransformer>().Single()
            .Outcome);
    }

    [TestMethod]
    public void Outcome_OfVariousEnds_SaysWhichEpochIsKept()
    {
        Assert.AreEqual("ended after epoch 4", new TrainingOutcome(4, 4, 4).ToString());
        Assert.AreEqual("ended after epoch 4: best epoch 2, Loss 0.250, but the weights of epoch 4 are kept",
            new TrainingOutcome(4, 4, 4) { BestEpoch = 2, Metric = "loss", BestValue = 0.25 }.ToString());
        Assert.AreEqual("ended after epoch 4, whose weights are kept: Loss had no value on the validation data",
            new TrainingOutcome(4, 4, 4) { Metric = "loss" }.ToString());
    }

    private static IEnumerable<ITransformer> TransformersOf(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(TransformersOf) : [model];

    private static float[] Scores(IDataView scored) => [.. scored.GetColumn<float[]>("Score").SelectMany(s => s)];

    private static bool[][] Decisions(IDataView scored) => [.. scored.GetColumn<bool[]>("PredictedLabel")];

    private static string Text(bool[][] decisions) =>
        string.Join(' ', decisions.Select(d => string.Concat(d.Select(v => v ? '1' : '0'))));

    private static SpeechClassificationOptions Options()
    {
        SpeechClassificationOptions options = SmallRuns.Options();
        options.Epochs = 2;
        return options;
    }

    private (IDataView Train, IDataView Validation) Parts()
    {
        List<PromptRow> rows = Prompts.Rows(16);
        return (_mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 2 == 0)),
            _mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 2 == 1)));
    }

    private EstimatorChain<ITransformer> Preparation() => PromptAudio.Pipeline(_mlContext)
        .Append(_mlContext.Transforms.TruncateAudio("Audio", TimeSpan.FromSeconds(0.5)))
        .Append<ITransformer>(_mlContext.Transforms.Conversion.MapValueToKey("Key", "Label"));

    private SpeechClassificationTrainer Trainer(
        SpeechClassificationOptions? options = null, IProgress<TrainingProgress>? progress = null) =>
        _mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Key", "Audio", options ?? Options(), progress);
}
