using System.Collections;
using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Trainers read labels, clips and validation data at different times: each reading must be of the same rows.
/// </summary>
[TestClass]
public sealed class TrainingSourceTests
{
    private const string Remedy =
        "The source gives other rows at each reading, or can be read only once: give LoadFromEnumerable a list " +
        "(ToList()).";

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Fit_OtherOrderAtTheSecondReading_NamesRowAndLabels()
    {
        IDataView data = View(readings => readings % 2 == 1 ? Clips : Clips.Reverse());
        Assert.AreEqual(
            "Column 'Number', row 0: expected the same value at each reading of the data, got '0' on the first and " +
            $"'5' on the second. {Remedy}", Message(() => Fit(data)));
        Assert.AreEqual(
            "Column 'Number', row 0: expected the same value at each reading of the data, got '0' on the first and " +
            $"'5' on the second. {Remedy}", Message(() => Fit(View(_ => Clips), data)), "validation data");
    }

    [TestMethod]
    public void Fit_SourceThatCanBeReadOnce_SaysSo()
    {
        Assert.AreEqual(
            "Column 'Number': expected the same rows at each reading of the data, got 6 on the first and 0 on the " +
            $"second. {Remedy}", Message(() => Fit(View(readings => readings == 1 ? Clips : []))));
        Assert.AreEqual(
            "Label column 'Number': expected at least one row with a label, got none. A source that can be read only " +
            "once is empty from the second reading on: give LoadFromEnumerable a list (ToList()).",
            Message(() => Fit(View(_ => []))));
    }

    [TestMethod]
    public void Fit_SourceThatGrowsOrShrinks_SaysSo()
    {
        Assert.AreEqual(
            "Column 'Number': expected the same rows at each reading of the data, got 4 on the first and more on the " +
            $"second. {Remedy}", Message(() => Fit(View(readings => Clips.Take(3 + readings)))));
        Assert.AreEqual(
            "Column 'Number': expected the same rows at each reading of the data, got 5 on the first and 4 on the " +
            $"second. {Remedy}", Message(() => Fit(View(readings => Clips.Take(6 - readings)))));
    }

    [TestMethod]
    public void Fit_AugmentedSourceOfAnotherOrderInTheSecondEpoch_NamesRowAndLabels()
    {
        // Labels, first epoch, second epoch.
        IDataView rows = View(readings => readings < 3 ? Clips : Clips.Reverse());
        var augmentation = _mlContext.Transforms.AugmentAudio("Audio", new Gain(-6, 6, 1), 1);
        IDataView data = augmentation.Fit(View(_ => Clips)).TransformForTraining(rows);
        Assert.AreEqual(
            "Column 'Number', row 0: expected the same value at each reading of the data, got '0' on the first and " +
            $"'5' on the second. {Remedy}", Message(() => Fit(data)));
    }

    [TestMethod]
    public void Fit_BehindACacheCheckpoint_ReadsTheSourceOnce()
    {
        var source = new Source(_ => Clips);
        IEstimator<ITransformer> pipeline = _mlContext.Transforms.ResampleAudio("Audio", 16_000)
            .AppendCacheCheckpoint(_mlContext).Append(Trainer());
        using var model = (IDisposable)pipeline.Fit(_mlContext.Data.LoadFromEnumerable(source));
        Assert.IsLessThanOrEqualTo(2, source.Readings, "labels and audio, each once, then from the cache");
    }

    private static string Message(Action fit) => Assert.ThrowsExactly<InvalidOperationException>(fit).Message;

    private static IEnumerable<Clip> Clips => Enumerable.Range(0, 6).Select(i => new Clip
    {
        Number = i,
        Audio = MLAudio.FromSamples(
            [.. Enumerable.Range(0, 1600).Select(t => MathF.Sin(t * (i + 1) / 9f) / 2)], 16_000),
    });

    private void Fit(IDataView data, IDataView? validation = null) => Trainer().Fit(data, validation).Dispose();

    private SpeechRegressionTrainer Trainer() => _mlContext.Regression.Trainers.SpeechRegression(
        "Number", "Audio", new SpeechRegressionOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            Epochs = 2,
            BatchSize = 3,
        });

    private IDataView View(Func<int, IEnumerable<Clip>> rows) => _mlContext.Data.LoadFromEnumerable(new Source(rows));

    private sealed class Clip
    {
        public float Number { get; set; }

        public MLAudio? Audio { get; set; }
    }

    private sealed class Source(Func<int, IEnumerable<Clip>> rows) : IEnumerable<Clip>
    {
        public int Readings { get; private set; }

        public IEnumerator<Clip> GetEnumerator() => rows(++Readings).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
