using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

[TestClass]
public sealed class BinaryAndRegressionTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void BinaryClassification_FitEvaluateSaveLoad_WorksWithMLNetsEvaluator()
    {
        using var scratch = new Scratch();
        IDataView data = Rows();
        var options = new SpeechBinaryOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All, // what is learned here is the head's, from cached activations
            Epochs = 200,
            HeadLearningRate = 2e-2,
            BalancePositives = true,
            Head = new HeadOptions { LayerNorm = true }
        };
        using var model = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.BinaryClassification.Trainers.SpeechClassification("IsEnglish", "Audio", options))
            .Fit(data);
        CalibratedBinaryClassificationMetrics metrics =
            _mlContext.BinaryClassification.Evaluate(model.Transform(data), "IsEnglish");
        Assert.IsGreaterThan(0.9, metrics.AreaUnderRocCurve);
        AssertReloads(scratch, model, data);
    }

    [TestMethod]
    [DataRow(nameof(RegressionLoss.MeanSquared))]
    [DataRow(nameof(RegressionLoss.Huber))]
    [DataRow(nameof(RegressionLoss.Concordance))]
    public void Regression_FitEvaluateSaveLoad_WorksWithMLNetsEvaluator(string loss)
    {
        using var scratch = new Scratch();
        IDataView data = Rows();
        var options = new SpeechRegressionOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            WhisperContext = WhisperContext.Trimmed,
            Freezing = LayerFreezing.All, // what is learned here is the head's, from cached activations
            Epochs = 200,
            HeadLearningRate = 2e-2,
            Loss = loss,
            BatchSize = 12,
            Head = new HeadOptions { LayerNorm = true }
        };
        using var model = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Regression.Trainers.SpeechRegression("Rating", "Audio", options)).Fit(data);
        RegressionMetrics metrics = _mlContext.Regression.Evaluate(model.Transform(data), "Rating");
        Assert.IsGreaterThan(0.5, metrics.RSquared);
        AssertReloads(scratch, model, data);
    }

    [TestMethod]
    public void Fit_LabelsThatDoNotDiffer_SayWhatIsThere()
    {
        var rows = Prompts.Rows(4).Select(r => new Row { Path = r.Path, IsEnglish = true, Rating = 2 });
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        string encoder = RepositoryFiles.TinyEncoder("whisper-80");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            PromptAudio.Pipeline(_mlContext)
                .Append(_mlContext.BinaryClassification.Trainers.SpeechClassification(
                "IsEnglish", "Audio", new SpeechBinaryOptions
                {
                    Layers = EncoderLayers.Last,
                    Encoder = encoder,
                })).Fit(data));
        Assert.AreEqual(
            "Label column 'IsEnglish': expected positive and negative clips, got 4 positive and 0 negative of 4.",
            error.Message);
        error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            PromptAudio.Pipeline(_mlContext)
                .Append(_mlContext.Regression.Trainers.SpeechRegression(
                "Rating", "Audio", new SpeechRegressionOptions
                {
                    Layers = EncoderLayers.Last,
                    Encoder = encoder,
                })).Fit(data));
        Assert.AreEqual("Label column 'Rating': expected numbers that differ, got 4 rows, all 2.", error.Message);
    }

    private IDataView Rows() =>
        _mlContext.Data.LoadFromEnumerable(Prompts.Rows(12)
        .Select((r, i) => new Row { Path = r.Path, IsEnglish = r.Label == "en", Rating = 1 + (i % 4) }));

    private void AssertReloads(Scratch scratch, ITransformer model, IDataView data)
    {
        _mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
        ITransformer loaded = _mlContext.Model.Load(scratch.At("model.zip"), out _);
        using (loaded as IDisposable)
        {
            CollectionAssert.AreEqual(model.Transform(data).GetColumn<float>("Score").ToArray(),
                loaded.Transform(data).GetColumn<float>("Score").ToArray());
        }
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public bool IsEnglish { get; set; }

        public float Rating { get; set; }
    }
}
