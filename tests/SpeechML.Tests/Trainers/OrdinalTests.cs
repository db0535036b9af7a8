using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Classes with an order, and ratings that are ranked.</summary>
[TestClass]
public sealed class OrdinalTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(nameof(OrdinalLoss.Coral))]
    [DataRow(nameof(OrdinalLoss.Corn))]
    [DataRow(nameof(OrdinalLoss.EarthMovers))]
    public void Ordinal_FitEvaluateSaveLoad_LearnsTheOrder(string loss)
    {
        using var scratch = new Scratch();
        IDataView data = Rows();
        var options = new SpeechOrdinalOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All, // what is learned here is the head's, from cached activations
            Epochs = 300,
            BatchSize = 12,
            HeadLearningRate = 2e-2,
            Loss = loss,
            Head = new HeadOptions { HiddenLayers = 1, LayerNorm = true },
        };
        var recorder = new TrainingRuns.Recorder();
        using var pipeline = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.Conversion.MapValueToKey(
                "Label",
                "Rating", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue))
                .Fit(data);
        IDataView keyed = pipeline.Transform(data);
        using var model = _mlContext.Speech().Trainers.OrdinalClassification("Label", "Audio", options, recorder)
            .Fit(keyed, keyed);
        IDataView scored = _mlContext.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel")
            .Fit(model.Transform(keyed)).Transform(model.Transform(keyed));
        CollectionAssert.AreEqual(
            data.GetColumn<float>("Rating").ToArray(), scored.GetColumn<float>("Predicted").ToArray());
        foreach (float[] probabilities in scored.GetColumn<float[]>("Score"))
        {
            Assert.HasCount(4, probabilities);
            Assert.AreEqual(1, probabilities.Sum(), 1e-5);
            Assert.IsTrue(probabilities.All(p => p >= 0));
        }
        // ML.NET's evaluator goes by the greatest probability, which with CORAL's shared weights need not be the
        // median's.
        double accuracy = _mlContext.MulticlassClassification.Evaluate(scored).MicroAccuracy;
        Assert.IsTrue(loss == OrdinalLoss.Coral ? accuracy >= 0.5 : accuracy == 1, $"accuracy {accuracy}");
        Assert.AreEqual(0, recorder.Epochs.Last().Validation![SpeechMetrics.Mae].Value);
        Assert.AreEqual(1, recorder.Epochs.Last().Validation![SpeechMetrics.KappaQuadratic].Value!.Value, 1e-12);

        _mlContext.Model.Save(model, keyed.Schema, scratch.At("model.zip"));
        using var loaded = (IDisposable)_mlContext.Model.Load(scratch.At("model.zip"), out _);
        PipelineTests.AssertEqual(
            [.. scored.GetColumn<float[]>("Score")],
            [.. ((ITransformer)loaded).Transform(keyed).GetColumn<float[]>("Score")], 0);
    }

    [TestMethod]
    [DataRow(nameof(MultiLabelLoss.RankedClassification))]
    [DataRow(nameof(MultiLabelLoss.CrossEntropy))]
    public void MultiLabel_Ratings_AreRankedAndDecidedByTheThreshold(string loss)
    {
        IDataView data = Rows();
        var options = new SpeechMultiLabelOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All, // what is learned here is the head's, from cached activations
            Epochs = 300,
            BatchSize = 12,
            RatingThreshold = 2,
            HeadLearningRate = 2e-2,
            Loss = loss,
            Head = new HeadOptions { HiddenLayers = 1, LayerNorm = true },
        };
        var recorder = new TrainingRuns.Recorder();
        using var pipeline = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.Concatenate("Ratings", "Rating", "Other")).Fit(data);
        IDataView rated = pipeline.Transform(data);
        using var model = _mlContext.Speech().Trainers.MultiLabelClassification("Ratings", "Audio", options, recorder)
            .Fit(rated, rated);
        float[][] ratings = [.. rated.GetColumn<float[]>("Ratings")];
        bool[][] predicted = [.. model.Transform(rated).GetColumn<bool[]>("PredictedLabel")];
        float[][] scores = [.. model.Transform(rated).GetColumn<float[]>("Score")];
        for (int i = 0; i < ratings.Length; i++)
        {
            Assert.AreEqual(ratings[i][0] >= 2, predicted[i][0], $"clip {i}");
            // The second label is missing on the last rows.
            Assert.IsTrue(float.IsNaN(ratings[i][1]) || ratings[i][1] >= 2 == predicted[i][1], $"clip {i}");
        }
        Assert.AreEqual(1, recorder.Epochs.Last().Validation![SpeechMetrics.RocAuc].Value!.Value, 1e-12);
        bool ordered = Enumerable.Range(0, ratings.Length)
            .All(i => Enumerable.Range(0, ratings.Length)
            .All(j => ratings[i][0] <= ratings[j][0] || scores[i][0] > scores[j][0]));
        Assert.IsTrue(ordered || loss != MultiLabelLoss.RankedClassification,
            "A higher rated clip is scored below a lower rated one.");
    }

    private IDataView Rows() =>
        _mlContext.Data.LoadFromEnumerable(Prompts.Rows(12)
        .Select((r, i) => new Row
        {
            Path = r.Path,
            Rating = new[] { 1, 1.5f, 3, 4 }[i % 4],
            Other = i < 10 ? 1 + (i % 3) : float.NaN
        }));

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public float Rating { get; set; }

        public float Other { get; set; }
    }
}
