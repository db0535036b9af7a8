using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Model;
using SpeechML.Tests.Explaining;
using SpeechML.Tests.Trainers;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Training.Settings;

/// <summary>How much audio Whisper is shown where nobody says it.</summary>
[TestClass]
public sealed class AutoContextTests
{
    private readonly List<string> _log = [];
    private readonly MLContext _mlContext = new(seed: 1);

    public AutoContextTests() => _mlContext.Log += (_, e) => _log.Add(e.Message);

    [TestMethod]
    [DataRow(10.0, WhisperContext.Trimmed)]
    [DataRow(10.1, WhisperContext.Exact30Seconds)]
    public void Of_MedianLength_Decides(double median, WhisperContext expected)
    {
        EncoderConfig whisper = EncoderLoader.ReadConfig(RepositoryFiles.TinyEncoder("whisper-80"));
        var options = new SpeechEncodingOptions
        {
            WhisperContext = WhisperContext.Auto,
            Lengths = () => [1, median, 29, .. Enumerable.Repeat(25.0, 1)],
            Say = _log.Add,
        };
        Assert.AreEqual(expected, AutoContext.Of(options, whisper, null));
        Assert.Contains($"Whisper context: {expected}", _log.Single());
        Assert.AreEqual(WhisperContext.Exact30Seconds, AutoContext.Of(
            options, EncoderLoader.ReadConfig(RepositoryFiles.TinyEncoder("hubert-base-like")), null));
        Assert.HasCount(1, _log);
        Assert.AreEqual(WhisperContext.Exact30Seconds, AutoContext.Of(
            new SpeechEncodingOptions
            {
                WhisperContext = WhisperContext.Auto,
                Lengths = () => [1],
                PoolsAsPython = true,
            }, whisper, null));
        options.WhisperContext = WhisperContext.Exact30Seconds;
        Assert.AreEqual(WhisperContext.Exact30Seconds, AutoContext.Of(options, whisper, null));
    }

    [TestMethod]
    public void Fit_ShortClips_IsTrimmedAndTheZipSaysSo()
    {
        using var scratch = new Scratch();
        void Set(SpeechTrainingOptions o) => (o.WhisperContext, o.Layers) = (WhisperContext.Auto, EncoderLayers.Last);
        using var auto = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", "whisper-80", Set);
        Assert.HasCount(1, _log.Where(m => m.Contains("Whisper context: Trimmed", StringComparison.Ordinal)).ToArray());
        using var trimmed = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", "whisper-80",
            o => o.Layers = EncoderLayers.Last);
        IDataView data = _mlContext.Data.LoadFromEnumerable(MarkedClips.Rows(4));
        PipelineTests.AssertEqual(Scores(trimmed), Scores(auto), 0);
        Assert.AreEqual(WhisperContext.Trimmed, auto.Model.Facts.WhisperContext);
        Assert.AreEqual("Auto", (string?)auto.Model.Facts.Options!["whisperContext"]);
        // What goes on from a model stays as it was.
        using var exact = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", "whisper-80",
            o => (o.Layers, o.WhisperContext) = (EncoderLayers.Last, WhisperContext.Exact30Seconds));
        _mlContext.Model.Save(exact, null, scratch.At("model.zip"));
        using var second = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", "whisper-80", o =>
        {
            Set(o);
            (o.Encoder, o.InitialModel.Path) = ("", scratch.At("model.zip"));
        });
        Assert.AreEqual(WhisperContext.Exact30Seconds, second.Model.Facts.WhisperContext);

        float[][] Scores(ITransformer model) =>
            [.. model.Transform(data).GetColumn<float>("Score").Select(s => new[] { s })];
    }
}
