using System.Globalization;
using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Recordings;

/// <summary>Long clips in training.</summary>
[TestClass]
public sealed class LongAudioTrainingTests
{
    private static readonly int[] s_lengths = [20_000, 6000, 31_000, 7000, 12_345, 8000];

    private readonly LongClips _clips = new();

    [TestMethod]
    [DataRow("whisper-80", LayerFreezing.All, LongAudioRule.Windows, WindowCombination.Frames)]
    [DataRow("whisper-80", LayerFreezing.ExcludeLast, LongAudioRule.Windows, WindowCombination.Probabilities)]
    [DataRow("whisper-80", LayerFreezing.RequiredOnly, LongAudioRule.RandomCrop, WindowCombination.Frames)]
    [DataRow("hubert-base-like", LayerFreezing.All, LongAudioRule.Windows, WindowCombination.Probabilities)]
    [DataRow("hubert-base-like", LayerFreezing.All, LongAudioRule.RandomCrop, WindowCombination.Probabilities)]
    [DataRow("hubert-base-like", LayerFreezing.ExcludeLast, LongAudioRule.Windows, WindowCombination.Frames)]
    [DataRow("hubert-base-like", LayerFreezing.None, LongAudioRule.Windows, WindowCombination.Frames)]
    public void Fit_LongClips_ValidationIsWhatScoringGives(
        string encoder, string freezing, LongAudioRule rule, WindowCombination combination)
    {
        IDataView data = _clips.Keyed(s_lengths);
        var steps = new TrainingRuns.Recorder();
        SpeechClassificationOptions options = LongClips.Training(encoder, o =>
        {
            (o.Freezing, o.LongAudio.Rule, o.LongAudio.Combination) = (freezing, rule, combination);
            o.EarlyStopping.KeepBest = false;
        });
        using SpeechClassificationTransformer model = _clips.Fit(options, data, data, steps);
        double loss = LongClips.Scores(model, data).Select((p, i) => -Math.Log(p[i % 2])).Average();
        Assert.AreEqual(loss, steps.Epochs.Last().Validation!.Loss, 1e-4);
    }

    [TestMethod]
    [DataRow(LongAudioRule.Windows, LayerFreezing.RequiredOnly)]
    [DataRow(LongAudioRule.Windows, LayerFreezing.ExcludeLast)]
    [DataRow(LongAudioRule.RandomCrop, LayerFreezing.RequiredOnly)]
    [DataRow(LongAudioRule.RandomCrop, LayerFreezing.All)]
    public void Fit_BrokenOff_ResumesToTheBit(LongAudioRule rule, string freezing)
    {
        IDataView data = _clips.Keyed(s_lengths);
        using var scratch = new Scratch();
        SpeechClassificationOptions options = LongClips.Training("hubert-base-like", o =>
            (o.LongAudio.Rule, o.Freezing, o.Epochs, o.BatchSize) = (rule, freezing, 2, 2));
        using SpeechClassificationTransformer whole = _clips.Fit(options, data);
        using SpeechClassificationTransformer again = _clips.Fit(options, data);
        AssertSame(whole, again);

        (options.Checkpoints.Folder, options.Checkpoints.EverySteps) = (scratch.At("run"), 1);
        Assert.ThrowsExactly<OperationCanceledException>(() => _clips.Fit(options, data, progress:
            new TrainingRuns.Recorder(p => _ = p.Step == 4 ? throw new OperationCanceledException() : 0)));
        using SpeechClassificationTransformer resumed = _clips.Fit(options, data);
        AssertSame(whole, resumed);
    }

    [TestMethod]
    public void Fit_FrozenEncoder_PoolsAllWindowsOnceAndKeepsThemInTheFolder()
    {
        IDataView data = _clips.Keyed(s_lengths);
        using var scratch = new Scratch();
        SpeechClassificationOptions options =
            LongClips.Training("hubert-base-like", o => o.Freezing = LayerFreezing.All);
        using SpeechClassificationTransformer without = _clips.Fit(options, data);
        options.Cache.Folder = scratch.At("cache");
        using SpeechClassificationTransformer first = _clips.Fit(options, data);
        int files = Directory.GetFiles(scratch.At("cache")).Length;
        using SpeechClassificationTransformer second = _clips.Fit(options, data);
        AssertSame(without, first);
        AssertSame(without, second);
        Assert.HasCount(files, Directory.GetFiles(scratch.At("cache")));

        // Another rule is another vector.
        options.LongAudio.Overlap = 0;
        _clips.Fit(options, data).Dispose();
        Assert.IsGreaterThan(files, Directory.GetFiles(scratch.At("cache")).Length);
    }

    [TestMethod]
    public void Fit_CacheOfFeaturizerAndTrainerByWindows_AreKeptApart()
    {
        IDataView data = _clips.Keyed(s_lengths);
        using var scratch = new Scratch();
        SpeechEncodingOptions featurizer = LongClips.Encoding("hubert-base-like", o =>
            (o.CacheFolder, o.LongAudio.Combination) = (scratch.At("cache"), WindowCombination.Probabilities));
        float[][] features = _clips.Encode(featurizer, data);
        SpeechClassificationOptions options = LongClips.Training("hubert-base-like", o =>
            (o.Freezing, o.Cache.Folder, o.LongAudio.Combination) =
            (LayerFreezing.All, scratch.At("cache"), WindowCombination.Probabilities));
        _clips.Fit(options, data).Dispose();
        PipelineTests.AssertEqual(features, _clips.Encode(featurizer, data), 0);
    }

    [TestMethod]
    public void Fit_ClipsThatFit_AreTrainedOnAsBefore()
    {
        IDataView data = _clips.Keyed(8000, 6000, 7000, 5000);
        using SpeechClassificationTransformer before = _clips.Fit(LongClips.Training(
            "hubert-base-like", o => o.LongAudio = new LongAudioOptions { Rule = LongAudioRule.Error }), data);
        using SpeechClassificationTransformer now = _clips.Fit(LongClips.Training("hubert-base-like"), data);
        AssertSame(before, now);
    }

    [TestMethod]
    [DataRow("SoftPrompt")]
    [DataRow("FrameLayers")]
    [DataRow("Attention")]
    [DataRow("Layers")]
    [DataRow("Recompute")]
    [DataRow("Accumulate")]
    public void Fit_WithEveryPart_LearnsAndScores(string part)
    {
        IDataView data = _clips.Keyed(s_lengths);
        SpeechClassificationOptions options = LongClips.Training("hubert-base-like", o =>
        {
            _ = part switch
            {
                "SoftPrompt" => (object)(o.SoftPrompt.Tokens = 2),
                "FrameLayers" => o.Head.FrameLayers = 1,
                "Attention" => o.Pooling = SpeechPooling.AttentionTanh,
                "Layers" => (o.Layers, o.Freezing) = ("0-4", LayerFreezing.All),
                "Recompute" => o.RecomputeActivations = true,
                _ => o.Optimizer.AccumulationSteps = 2,
            };
        });
        using SpeechClassificationTransformer model = _clips.Fit(options, data, data);
        float[][] scores = LongClips.Scores(model, data);
        Assert.IsTrue(scores.SelectMany(s => s).All(float.IsFinite));
    }

    [TestMethod]
    public void Create_WindowOfTheWrongLength_IsRefused()
    {
        SpeechClassificationOptions options = LongClips.Training("whisper-80", o => o.LongAudio.Length = 40);
        Assert.AreEqual(
            "Option LongAudio.Length: expected at most 30 s, what encoder 'whisper' takes at once, got '40'.",
            Assert.ThrowsExactly<ArgumentException>(() => _clips.Context.MulticlassClassification.Trainers
                .SpeechClassification("Key", "Audio", options)).Message);
        SpeechEncodingOptions encoding =
            LongClips.Encoding("hubert-base-like", o => (o.LongAudio.Length, o.LongAudio.Overlap) = (1, 1));
        Assert.AreEqual(
            "Option LongAudio.Overlap: expected less than LongAudio.Length, 1 s, got '1'.",
            Assert.ThrowsExactly<ArgumentException>(
                () => _clips.Context.Transforms.EncodeSpeech("Features", encoding, "Audio")).Message);
    }

    private static void AssertSame(SpeechScoringTransformer expected, SpeechScoringTransformer actual)
    {
        Dictionary<string, float[]> weights = SmallRuns.Weights(actual);
        foreach ((string name, float[] values) in SmallRuns.Weights(expected))
        {
            CollectionAssert.AreEqual(values, weights[name], string.Create(CultureInfo.InvariantCulture, $"{name}"));
        }
    }
}
