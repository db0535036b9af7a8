using Microsoft.ML;
using SpeechML.Model;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Adapters;

/// <summary>
/// Adapters through the trainer: broken off and resumed, saved merged, taken up again, refused when the estimator is
/// made.
/// </summary>
[TestClass]
public sealed class LoraContinueTests
{
    // Sums of other order: largest difference seen 2e-6.
    private const double Merged = 2e-5;

    private readonly SmallRuns _runs = new();

    public static IEnumerable<object[]> Adapters() =>
    [
        ["hubert-base-like", new LoraOptions { Rank = 4, Dropout = 0.1 }],
        ["wavlm-base-like", new LoraOptions { Rank = 2, Dora = true, Targets = "q_proj,k_proj,v_proj,out_proj" }],
        ["whisper-80", new LoraOptions { Rank = 3, RsLora = true, Targets = LoraOptions.AllLinear }],
    ];

    [TestMethod]
    [DynamicData(nameof(Adapters))]
    public void Save_MergeWhenSaved_ZipWithoutAdapterScoresTheSame(string encoder, LoraOptions lora)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = Options(encoder, lora with { MergeWhenSaved = true });
        using SpeechClassificationTransformer model = _runs.Fit(options);
        float[][] scores = _runs.Scores(model);
        using var loaded = (IDisposable)_runs.Context.Model.Load(_runs.Save(model, scratch.At("merged.zip")), out _);
        PipelineTests.AssertEqual(scores, _runs.Scores((ITransformer)loaded), Merged);
        ModelManifest facts = ModelManifest.Parse(SmallRuns.Facts(scratch.At("merged.zip")));
        Assert.IsNull(facts.Lora);
        Assert.IsTrue((bool)facts.Options!["lora"]!["mergeWhenSaved"]!);
        using SpeechModel read = SavedModels.Read(scratch.At("merged.zip"));
        Assert.IsFalse(read.Network.state_dict().Keys.Any(LoraAdapter.IsAdapterParameter));
        // The model itself still has its adapter.
        PipelineTests.AssertEqual(scores, _runs.Scores(model), 0);
        Assert.IsTrue(SmallRuns.Weights(model).Keys.Any(LoraAdapter.IsAdapterParameter));
    }

    [TestMethod]
    [DynamicData(nameof(Adapters))]
    public void Fit_FromModelWithAdapter_SameAdapterGoesOnNoneIsMerged(string encoder, LoraOptions lora)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = Options(encoder, lora);
        using SpeechClassificationTransformer first = _runs.Fit(options);
        float[][] scores = _runs.Scores(first);
        _runs.Save(first, scratch.At("model.zip"));
        _runs.Context.Speech().SaveHuggingFace(first, scratch.At("folder"));
        _runs.Context.Speech().SaveHuggingFace(first, scratch.At("merged"), mergeAdapter: true);

        SpeechClassificationOptions still = SmallRuns.Still(Options(encoder, lora));
        still.Encoder = "";
        foreach ((string path, bool adapted, double tolerance) in new[] { ("model.zip", true, 0), ("folder", true, 0),
            ("model.zip", false, Merged), ("folder", false, Merged), ("merged", false, Merged) })
        {
            still.InitialModel.Path = scratch.At(path);
            still.Lora = adapted ? lora : new LoraOptions();
            using SpeechClassificationTransformer second = _runs.Fit(still);
            PipelineTests.AssertEqual(scores, _runs.Scores(second), tolerance);
        }

        still.Lora = lora with { Rank = lora.Rank + 1 };
        still.InitialModel.Path = scratch.At("model.zip");
        string message = Assert.ThrowsExactly<ArgumentException>(() => _runs.Fit(still)).Message;
        StringAssert.StartsWith(message, $"Option Lora: expected rank {lora.Rank}, scale ");
        StringAssert.Contains(message,
            $"', as in InitialModel '{still.InitialModel.Path}', got 'rank {lora.Rank + 1}, scale ");
    }

    [TestMethod]
    public void Fit_NewAdapterOnFineTunedEncoder_ChangesNothingYet()
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer first = _runs.Fit(SmallRuns.Options());
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        options.InitialModel.Path = _runs.Save(first, scratch.At("model.zip"));
        // DoRA's magnitudes are the norms of the fine-tuned rows, not of the pretrained ones.
        options.Lora = new LoraOptions { Rank = 2, Dora = true };
        using SpeechClassificationTransformer second = _runs.Fit(options);
        PipelineTests.AssertEqual(_runs.Scores(first), _runs.Scores(second), Merged);
    }

    [TestMethod]
    [DynamicData(nameof(Adapters))]
    public void Fit_FromPeftFolder_AdapterIsTheFoldersOnTheBase(string encoder, LoraOptions lora)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions options = Options(encoder, lora);
        using SpeechClassificationTransformer first = _runs.Fit(options);
        _runs.Context.Speech().SaveHuggingFace(first, scratch.At("folder"));
        SpeechClassificationOptions second = SmallRuns.Still(Options(encoder, lora));
        (second.InitialModel.Path, second.InitialModel.Parts) =
            (Path.Combine(scratch.At("folder"), "adapter"), InitialParts.Encoder);
        using (SpeechClassificationTransformer adapted = _runs.Fit(second))
        {
            Dictionary<string, float[]> theirs = SmallRuns.Weights(first);
            foreach ((string name, float[] value) in SmallRuns.Weights(adapted)
                .Where(w => w.Key.StartsWith("encoder.", StringComparison.Ordinal)))
            {
                CollectionAssert.AreEqual(theirs[name], value, name);
            }
        }
        // The base encoder, the folder's adapter and the trained head together score as the model did.
        SpeechClassificationOptions whole = SmallRuns.Still(Options(encoder, lora));
        (whole.InitialModel.Path, whole.InitialModel.Parts) = (scratch.At("folder"), InitialParts.All);
        using SpeechClassificationTransformer again = _runs.Fit(whole);
        PipelineTests.AssertEqual(_runs.Scores(first), _runs.Scores(again), 0);

        second.Lora = lora with { Alpha = 17 };
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => _runs.Fit(second)).Message,
            $"Option Lora: expected rank {lora.Rank}, scale ");
    }

    [TestMethod]
    [DynamicData(nameof(Adapters))]
    public void Fit_WithAdapterBrokenOff_EndsWithTheSameBytes(string encoder, LoraOptions lora)
    {
        using var scratch = new Scratch();
        SpeechClassificationOptions Run(string folder)
        {
            SpeechClassificationOptions options = TrainingRuns.Options(folder);
            (options.Encoder, options.Lora, options.WhisperContext, options.EncoderLearningRate) =
                (RepositoryFiles.TinyEncoder(encoder), lora, WhisperContext.Trimmed, 1e-2);
            options.Checkpoints.EverySteps = folder.Length == 0 ? 0 : 2;
            return options;
        }
        // Validated: the best epoch's adapter is part of what is saved and resumed.
        byte[] whole = TrainingRuns.Fit(Run(""));
        foreach (long stop in new[] { 5, 9 })
        {
            using var source = new CancellationTokenSource();
            var stopper = new TrainingRuns.Recorder(s =>
            {
                if (s.Step == stop)
                {
                    source.Cancel();
                }
            });
            Assert.ThrowsExactly<OperationCanceledException>(() =>
                TrainingRuns.Fit(Run(scratch.At("run")), stopper, cancellation: source.Token));
        }
        var recorder = new TrainingRuns.Recorder();
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(Run(scratch.At("run")), recorder));
        Assert.AreEqual(10, recorder.Steps[0].Step);
    }

    [TestMethod]
    public void Fit_WithAdapterAndKeepBest_ModelIsThatOfTheBestEpoch()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        // Rates at which it gets worse again.
        (options.Lora, options.EncoderLearningRate, options.HeadLearningRate, options.Epochs) =
            (new LoraOptions { Rank = 4 }, 1, 1, 7);
        (options.Schedule.Decay, options.Schedule.WarmupRatio) = (LearningRateDecay.Constant, 0);
        var recorder = new TrainingRuns.Recorder();
        byte[] best = TrainingRuns.Fit(options, recorder);
        int epoch = recorder.Epochs.Last().BestEpoch!.Value;
        Assert.IsLessThan(options.Epochs, epoch, "The last epoch was the best one: the run shows nothing.");
        options.Epochs = epoch;
        options.EarlyStopping.KeepBest = false;
        CollectionAssert.AreEqual(best, TrainingRuns.Fit(options));
    }

    [TestMethod]
    [DataRow("BrokenOff")]
    public void Fit_FromInitialModelBrokenOff_EndsWithTheSameBytes(string name)
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer first =
            _runs.Fit(Options("hubert-base-like", new LoraOptions { Rank = 2 }));
        string initial = _runs.Save(first, scratch.At($"{name}.zip"));
        SpeechClassificationOptions Run(string folder)
        {
            SpeechClassificationOptions options = TrainingRuns.Options(folder);
            (options.Encoder, options.InitialModel.Path, options.InitialModel.Parts, options.Lora) =
                ("", initial, InitialParts.Encoder, new LoraOptions { Rank = 2 });
            return options;
        }
        byte[] whole = TrainingRuns.Fit(Run(""));
        using (var source = new CancellationTokenSource())
        {
            var stopper = new TrainingRuns.Recorder(s =>
            {
                if (s.Step == 7)
                {
                    source.Cancel();
                }
            });
            Assert.ThrowsExactly<OperationCanceledException>(() =>
                TrainingRuns.Fit(Run(scratch.At("run")), stopper, cancellation: source.Token));
        }
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(Run(scratch.At("run"))));

        // Another model under the same name is another run.
        SpeechClassificationOptions other = Options("hubert-base-like", new LoraOptions { Rank = 2 });
        other.Seed = 5;
        using SpeechClassificationTransformer second = _runs.Fit(other);
        _runs.Save(second, initial);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() =>
            TrainingRuns.Fit(Run(scratch.At("run")))).Message;
        StringAssert.Contains(message,
            "is of another run: initial weights: expected those that the run began with, got others (the encoder's " +
            "files have changed).");
    }

    [TestMethod]
    [DataRow("whisper-80", "query", "",
        "Option Lora.Targets: expected names of linear maps of encoder 'whisper' ('fc1', 'fc2', 'k_proj', " +
        "'out_proj', 'q_proj', 'v_proj') or 'all-linear', got 'query'.")]
    [DataRow("hubert-base-like", "q_proj", "7",
        "Option Lora.Layers: expected layers within 0 to 0 (the layers in use), got '7'.")]
    public void Create_AdapterUnfitForLocalEncoder_RefusedWhenCreated(
        string encoder, string targets, string layers, string message)
    {
        SpeechClassificationOptions options =
            Options(encoder, new LoraOptions { Rank = 2, Targets = targets, Layers = layers });
        options.Layers = "1";
        Assert.AreEqual(message,
            Assert.ThrowsExactly<ArgumentException>(() =>
            _runs.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options)).Message);
    }

    [TestMethod]
    public void Create_AdapterUnfitForInitialModelsEncoder_RefusedWhenCreated()
    {
        using var scratch = new Scratch();
        using SpeechClassificationTransformer first = _runs.Fit(SmallRuns.Still(SmallRuns.Options("whisper-80")));
        var options = new SpeechClassificationOptions
        {
            InitialModel = { Path = _runs.Save(first, scratch.At("model.zip")) },
            Lora = new LoraOptions { Rank = 2, Targets = "dense" }
        };
        Assert.AreEqual(
            "Option Lora.Targets: expected names of linear maps of encoder 'whisper' ('fc1', 'fc2', 'k_proj', " +
            "'out_proj', 'q_proj', 'v_proj') or 'all-linear', got 'dense'.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            _runs.Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options)).Message);
    }

    private static SpeechClassificationOptions Options(string encoder, LoraOptions lora)
    {
        SpeechClassificationOptions options = SmallRuns.Options(encoder);
        (options.Lora, options.EncoderLearningRate) = (lora, 1e-2);
        return options;
    }
}
