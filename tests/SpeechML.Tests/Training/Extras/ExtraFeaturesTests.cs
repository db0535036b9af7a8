using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Model;
using SpeechML.Model.Extras;
using SpeechML.Tests.Trainers;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training.Extras;

/// <summary>Numbers that the head is given beside the audio.</summary>
[TestClass]
public sealed class ExtraFeaturesTests
{
    private const double Tolerance = 1e-4; // scores of other batches
    private readonly List<string> _log = [];
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly MeasuredClip[] _rows = MeasuredClips.Rows(14);
    private readonly IDataView _data;

    public ExtraFeaturesTests()
    {
        _mlContext.Log += (_, e) => _log.Add(e.Message);
        _data = MeasuredClips.View(_mlContext, _rows);
    }

    [TestMethod]
    [DataRow("binary", true)]
    [DataRow("multiclass", false)]
    [DataRow("multi-label", true)]
    [DataRow("multi-label", false)]
    [DataRow("ordinal", false)]
    [DataRow("regression", true)]
    public void Fit_EveryTask_BatchesAreSingleClipsAndTheZipScoresAlike(string task, bool frozen)
    {
        using var scratch = new Scratch();
        using var fitted = MeasuredClips.Fit(_mlContext, task, _data,
            o => o.Freezing = frozen ? LayerFreezing.All : LayerFreezing.RequiredOnly) as IDisposable;
        var model = (ITransformer)fitted!;
        float[][] scores = MeasuredClips.Scores(model, task, _data);
        float[][] alone = [.. _rows.Select(r =>
            MeasuredClips.Scores(model, task, MeasuredClips.View(_mlContext, [r])).Single())];
        PipelineTests.AssertEqual(alone, scores, Tolerance);
        // They matter.
        IDataView others = MeasuredClips.View(_mlContext, MeasuredClips.Rows(14).Select((r, i) =>
        {
            r.Voice = [100, 3, 7];
            return r;
        }));
        Assert.IsTrue(MeasuredClips.Scores(model, task, others).Zip(scores).Any(
            p => Math.Abs(p.First[0] - p.Second[0]) > 10 * Tolerance));

        _mlContext.Model.Save(model, _data.Schema, scratch.At("model.zip"));
        using var loaded = (IDisposable)_mlContext.Model.Load(scratch.At("model.zip"), out _);
        PipelineTests.AssertEqual(scores, MeasuredClips.Scores((ITransformer)loaded, task, _data), 0);
    }

    [TestMethod]
    public void Fit_Standardises_ByTheTrainingClips()
    {
        using var model = (SpeechBinaryTransformer)MeasuredClips.Fit(_mlContext, "binary", _data,
            o => o.Freezing = LayerFreezing.All);
        Dictionary<string, float[]> weights = SmallRuns.Weights(model);
        double[][] columns = [.. Enumerable.Range(0, 3).Select(k => _rows.Select(r => (double)r.Voice[k])
            .Where(double.IsFinite).ToArray()), [.. _rows.Select(r => (double)r.Age)]];
        for (int k = 0; k < columns.Length; k++)
        {
            double mean = columns[k].Average();
            double deviation = Math.Sqrt(columns[k].Average(v => (v - mean) * (v - mean)));
            Assert.AreEqual(mean, weights["extra.mean"][k], 1e-4);
            Assert.AreEqual(deviation == 0 ? 0 : 1 / deviation, weights["extra.factor"][k], 1e-5);
            Assert.AreEqual(k == 1 ? 1f : 0f, weights["extra.signs"][k]);
        }
        Assert.AreEqual("Voice: 0,Voice: 1,Voice: 2,Age",
            string.Join(",", model.Model.Facts.ExtraFeatures!.SelectMany(f => f.Names)));
    }

    [TestMethod]
    public void Run_MissingAndInfinite_StandAtTheMeanWithASignWhereItWasLearned()
    {
        using var input = new ExtraInput(3);
        input.Learn([[1, 5, float.NaN], [3, float.NaN, float.NaN]]);
        float[][] given = input.Run([[3, float.NaN, 4], [float.PositiveInfinity, 5, float.NaN]]);
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 0, 1, 0 }, given[0]);
        // The first number was never missing and the third never known: nothing was learned of that.
        CollectionAssert.AreEqual(new float[6], given[1]);
    }

    [TestMethod]
    public void Fit_RecomputedActivationsAndCacheFolder_GiveTheSameModel()
    {
        using var scratch = new Scratch();
        foreach (bool frozen in new[] { false, true })
        {
            float[][] scores = Scores(o => { });
            PipelineTests.AssertEqual(scores, frozen ? Scores(o => o.Cache.Folder = scratch.At("cache"))
                : Scores(o => o.RecomputeActivations = true), 1e-5);
            if (frozen)
            {
                // The activations of a clip do not depend on what is beside it.
                PipelineTests.AssertEqual(scores, Scores(o => o.Cache.Folder = scratch.At("cache")), 1e-5);
            }

            float[][] Scores(Action<SpeechTrainingOptions> change)
            {
                using var model = (SpeechMultiLabelTransformer)MeasuredClips.Fit(_mlContext, "multi-label", _data, o =>
                {
                    // Without dropout, whose draws differ.
                    (o.Encoder, o.WhisperContext) = (RepositoryFiles.TinyEncoder("whisper-80"), WhisperContext.Trimmed);
                    o.Freezing = frozen ? LayerFreezing.All : LayerFreezing.RequiredOnly;
                    change(o);
                });
                return MeasuredClips.Scores(model, "multi-label", _data);
            }
        }
    }

    [TestMethod]
    public void Fit_Resumed_IsTheSameAndOthersNumbersAreAnotherRun()
    {
        using var scratch = new Scratch();
        void Set(SpeechTrainingOptions o) => o.Checkpoints.Folder = scratch.At("checkpoints");
        using var first = (IDisposable)MeasuredClips.Fit(_mlContext, "multi-label", _data, Set);
        using var again = (IDisposable)MeasuredClips.Fit(_mlContext, "multi-label", _data, Set);
        PipelineTests.AssertEqual(MeasuredClips.Scores((ITransformer)first, "multi-label", _data),
            MeasuredClips.Scores((ITransformer)again, "multi-label", _data), 0);
        _rows[3].Age++;
        Assert.Contains("training data", Assert.Throws<InvalidOperationException>(
            () => MeasuredClips.Fit(_mlContext, "multi-label", _data, Set)).Message);
    }

    [TestMethod]
    [DataRow(WindowCombination.Frames)]
    [DataRow(WindowCombination.Probabilities)]
    public void Fit_LongClipsAndValidation_TakeThem(WindowCombination combination)
    {
        var recorder = new TrainingRuns.Recorder();
        using var model = (SpeechBinaryTransformer)MeasuredClips.Fit(_mlContext, "binary", _data, o =>
        {
            o.Freezing = LayerFreezing.All;
            o.LongAudio = new LongAudioOptions { Length = 0.2, Overlap = 0.05, Combination = combination };
        }, _data);
        float[][] scores = MeasuredClips.Scores(model, "binary", _data);
        PipelineTests.AssertEqual(
            [.. _rows.Select(r => MeasuredClips.Scores(model, "binary", MeasuredClips.View(_mlContext, [r])).Single())],
            scores, Tolerance);
        Assert.IsNotNull(model.Outcome);
    }

    [TestMethod]
    public void Fit_Auto_FindsThatTheNumbersDecide()
    {
        MeasuredClip[] rows = MeasuredClips.Rows(24);
        IDataView data = MeasuredClips.View(_mlContext, rows);
        foreach (string task in new[] { "multi-label", "ordinal" })
        {
            using var scratch = new Scratch();
            using var fitted = MeasuredClips.Fit(_mlContext, task, data, o =>
            {
                (o.Layers, o.SubjectColumnName) = (EncoderLayers.Auto, "Subject");
            }) as IDisposable;
            var model = (ITransformer)fitted!;
            SpeechModel inside = Scorer(model).Model;
            string picked = inside.Facts.LayerSearch!.Summary();
            Assert.Contains("extra features", picked, task);
            float[][] scores = MeasuredClips.Scores(model, task, data);
            // Missing is learned as such: it decides the second label.
            if (task == "multi-label")
            {
                Assert.IsTrue(scores.Zip(rows).All(p => p.First[1] >= 0 == (p.Second.Labels[1] == 1)), picked);
            }
            _mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
            using var loaded = (IDisposable)_mlContext.Model.Load(scratch.At("model.zip"), out _);
            PipelineTests.AssertEqual(scores, MeasuredClips.Scores((ITransformer)loaded, task, data), 0);
        }
        Assert.IsTrue(_log.Exists(m => m.Contains("layer 1, mean and deviation, and extra features",
            StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Fit_AutoTuned_ComparesThemWithLayersOnly()
    {
        IDataView data = MeasuredClips.View(_mlContext, MeasuredClips.Rows(24));
        using var model = (SpeechMultiLabelTransformer)MeasuredClips.Fit(_mlContext, "multi-label", data, o =>
        {
            (o.Layers, o.Freezing, o.Epochs) = (EncoderLayers.Auto, LayerFreezing.RequiredOnly, 1);
        });
        Assert.IsTrue(model.Model.Facts.LayerSearch!.Candidates.All(c => c.Features.Layers.Length > 0));
        Assert.IsTrue(model.Model.Facts.LayerSearch!.Candidates.Any(c => c.Features.Extra));
    }

    [TestMethod]
    public void Fit_AutoThatNeedsThemNot_MakesAModelWithoutThem()
    {
        var random = new Random(3);
        MeasuredClip[] rows = MeasuredClips.Rows(24);
        foreach ((int i, MeasuredClip row) in rows.Index())
        {
            row.Audio = Explaining.MarkedClips.Audio(0.02, i, 0.3, row.Label ? 1000 : 3500);
            row.Voice = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
            row.Age = random.Next(90);
        }
        IDataView data = MeasuredClips.View(_mlContext, rows);
        using var model = (SpeechBinaryTransformer)MeasuredClips.Fit(
            _mlContext, "binary", data, o => o.Layers = EncoderLayers.Auto);
        Assert.IsNull(model.Model.Facts.ExtraFeatures);
        Assert.IsTrue(model.Transform(_mlContext.Data.LoadFromEnumerable(
            rows.Select(r => new Explaining.MarkedClip { Audio = r.Audio }))).GetColumn<float>("Score")
            .All(float.IsFinite));
    }

    [TestMethod]
    public void Fit_FromAModel_GoesOnWithItsStandards()
    {
        using var scratch = new Scratch();
        using var first = (IDisposable)MeasuredClips.Fit(_mlContext, "multi-label", _data);
        _mlContext.Model.Save((ITransformer)first, null, scratch.At("model.zip"));
        IDataView others = MeasuredClips.View(_mlContext, MeasuredClips.Rows(8, from: 30));
        using var second = (IDisposable)MeasuredClips.Fit(_mlContext, "multi-label", others, o =>
        {
            SmallRuns.Still(o);
            (o.Encoder, o.InitialModel.Path) = ("", scratch.At("model.zip"));
        });
        PipelineTests.AssertEqual(MeasuredClips.Scores((ITransformer)first, "multi-label", _data),
            MeasuredClips.Scores((ITransformer)second, "multi-label", _data), 0);
        Assert.Contains("Voice (3 numbers), Age", Assert.Throws<ArgumentException>(() =>
            MeasuredClips.Fit(_mlContext, "multi-label", _data, o =>
            {
                (o.Encoder, o.InitialModel.Path, o.ExtraFeatures) = ("", scratch.At("model.zip"), "Age");
            })).Message);
    }

    [TestMethod]
    public void Predict_Engine_ReadsThem()
    {
        using var model = (SpeechBinaryTransformer)MeasuredClips.Fit(_mlContext, "binary", _data);
        float[][] scores = MeasuredClips.Scores(model, "binary", _data);
        using PredictionEngine<MeasuredClip, OneScore> engine =
            _mlContext.Model.CreatePredictionEngine<MeasuredClip, OneScore>(
                model, new PredictionEngineOptions { OwnsTransformer = false });
        foreach ((int i, MeasuredClip row) in _rows.Index())
        {
            Assert.AreEqual(scores[i][0], engine.Predict(row).Score, Tolerance);
        }
    }

    [TestMethod]
    public void Explain_NumbersThatDecide_HaveTheShare()
    {
        IDataView data = MeasuredClips.View(_mlContext, MeasuredClips.Rows(40));
        using var model = (SpeechBinaryTransformer)MeasuredClips.Fit(
            _mlContext, "binary", data, o => (o.Layers, o.SubjectColumnName) = (EncoderLayers.Auto, "Subject"));
        SpeechExplanation explanation = _mlContext.Speech().Explain(model, data,
            new SpeechExplanationOptions { WindowSeconds = 0.2, HopSeconds = 0.2 }).First();
        IReadOnlyList<ClipAttribution> shares = explanation.Of(ExplanationMethod.ExtraFeatures, "positive");
        Assert.AreEqual(",Voice: 0,Voice: 1,Voice: 2,Age", string.Join(",", shares.Select(s => s.Feature)));
        Assert.AreEqual("Voice: 0", shares.Skip(1).MaxBy(s => s.Value)!.Feature);
        // Without all of them the clip is as any other.
        Assert.AreEqual(explanation.Targets[0].Score - shares[0].ScoreWithout!.Value, shares[0].Value, 1e-6);
        Assert.IsGreaterThan(1, shares[0].Value);
        Assert.IsTrue(MeasuredClips.Scores(model, "binary", data).Index().All(
            s => s.Item[0] >= 0 == (s.Index % 2 == 0)));
        Assert.Contains("Give the data view", Assert.Throws<InvalidOperationException>(
            () => _mlContext.Speech().Explain(model, _rows[0].Audio)).Message);
    }

    [TestMethod]
    public void Schema_Wrong_SaysWhatIsExpected()
    {
        using var model = (SpeechBinaryTransformer)MeasuredClips.Fit(_mlContext, "binary", _data);
        Assert.Contains("'Voice': expected a Vector of 3 numbers", Error(() =>
            model.Transform(Explaining.MarkedClips.View(_mlContext, _rows[0].Audio))));
        IDataView shorter = _mlContext.Transforms.Concatenate("Voice", "Number", "Number").Fit(_data).Transform(_data);
        Assert.Contains("'Voice': expected a Vector of 3 numbers", Error(() => model.Transform(shorter)));
        IDataView named = _mlContext.Transforms.Concatenate("Both", "Number", "Other").Fit(Copy("Number", "Other"))
            .Transform(Copy("Number", "Other"));
        using var second = (IDisposable)MeasuredClips.Fit(_mlContext, "binary", named, o => o.ExtraFeatures = "Both");
        IDataView swapped = _mlContext.Transforms.Concatenate("Both", "Other", "Number")
            .Fit(Copy("Number", "Other")).Transform(Copy("Number", "Other"));
        Assert.Contains("slot 0: expected 'Number'", Error(() => ((ITransformer)second).Transform(swapped)));
        foreach ((string columns, string expected) in new[]
        {
            ("Weight", "Could not find extra feature column 'Weight'"), ("Level", "expected a number"),
            ("Label", "columns other than the label"), ("Age,Age", "each column once"),
        })
        {
            Assert.Contains(expected, Error(
                () => MeasuredClips.Fit(_mlContext, "binary", _data, o => o.ExtraFeatures = columns)));
        }

        IDataView Copy(string from, string to) => _mlContext.Transforms.CopyColumns(to, from).Fit(_data)
            .Transform(_data);
        static string Error(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    private static SpeechScoringTransformer Scorer(ITransformer model) => model as SpeechScoringTransformer
        ?? ((IEnumerable<ITransformer>)model).OfType<SpeechScoringTransformer>().Single();

    private sealed class OneScore
    {
        public float Score { get; set; }
    }
}
