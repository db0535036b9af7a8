using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio.Common;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Life;

/// <summary>
/// Whatever is done with a disposed model says that it was disposed and how to keep it; nothing is written.
/// </summary>
[TestClass]
public sealed class DisposedModelTests
{
    private const string Remedy = "OwnsTransformer = false";

    private readonly MLContext _mlContext = new(seed: 1);

    private static readonly string[] s_scoreColumns = ["Score", "Score"];

    /// <summary>Uses of a classifier: what they are, what is prepared while it lives, and the use.</summary>
    public static IEnumerable<object[]> Uses()
    {
        static object[] Use(string what, Func<MLContext, ITransformer, string, Action> prepare) => [what, prepare];
        static Action Now(Action use) => use;
        yield return Use("Transform", (ml, m, _) => Now(() => m.Transform(LifeModels.View(ml))));
        yield return Use("GetOutputSchema", (ml, m, _) => Now(() => m.GetOutputSchema(LifeModels.View(ml).Schema)));
        yield return Use("view made before", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            return () => Read(scored);
        });
        yield return Use("Preview of a view made before", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            return () => scored.Preview(1);
        });
        yield return Use("cursor made before", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
            Assert.IsTrue(cursor.MoveNext());
            return () =>
            {
                using (cursor)
                {
                    while (cursor.MoveNext())
                    {
                    }
                }
            };
        });
        yield return Use("engine made before", (ml, m, _) =>
        {
            PredictionEngine<Clip, Scored> engine = LifeModels.Engine(ml, m, owns: false);
            Assert.HasCount(5, engine.Predict(LifeModels.Clips[0]).Score);
            return () => engine.Predict(LifeModels.Clips[0]);
        });
        yield return Use("engine made afterwards", (ml, m, _) => Now(() => LifeModels.Engine(ml, m, owns: false)));
        yield return Use("Save", (ml, m, _) => Now(() => LifeModels.Zip(ml, m)));
        yield return Use("Save to a path", (ml, m, s) =>
            Now(() => ml.Speech().SaveModel(m, LifeModels.View(ml).Schema, Path.Combine(s, "model.zip"))));
        yield return Use("SaveHuggingFace", (ml, m, s) =>
            Now(() => ml.Speech().SaveHuggingFace(m, Path.Combine(s, "folder"))));
        yield return Use("calibration", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            return () => ml.Speech().Calibrators.Multiclass().Fit(scored);
        });
        yield return Use("chain with a calibration", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            var chain = new TransformerChain<ITransformer>(m, ml.Speech().Calibrators.Multiclass().Fit(scored));
            return () => Read(chain.Transform(LifeModels.View(ml)));
        });
        yield return Use("fusion", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            return () => Read(ml.Speech().Multiclass.Fuse("Fused", s_scoreColumns, "Label").Fit(scored)
                .Transform(scored), "Fused");
        });
        yield return Use("evaluation", (ml, m, _) =>
        {
            IDataView scored = m.Transform(LifeModels.View(ml));
            return () => ml.MulticlassClassification.Evaluate(scored);
        });
        yield return Use("run", (ml, m, s) =>
        {
            SpeechRun run = ml.Speech().CreateRun(Path.Combine(s, "runs"), new SpeechClassificationOptions
            {
                Layers = EncoderLayers.Last,
                Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            });
            return () =>
            {
                using (run)
                {
                    run.Complete(ml, m, LifeModels.View(ml).Schema);
                }
            };
        });
    }

    [TestMethod]
    [DynamicData(nameof(Uses))]
    public void Classifier_UsedAfterDispose_SaysThatItWasDisposed(
        string what, Func<MLContext, ITransformer, string, Action> prepare)
    {
        using var scratch = new Scratch();
        TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
        Action use = prepare(_mlContext, model, scratch.Folder);
        model.Dispose();
        AssertDisposed(what, use);
        Assert.IsEmpty(
            Directory.EnumerateFiles(scratch.Folder, "*", SearchOption.AllDirectories)
                .Where(f => Path.GetExtension(f) is ".zip" or ".safetensors"), what);
        model.Dispose();
    }

    [TestMethod]
    public void Featurizer_UsedAfterDispose_SaysThatItWasDisposedThoughResultsAreCached()
    {
        using var scratch = new Scratch();
        IDataView data = LifeModels.View(_mlContext);
        SpeechEncodingTransformer model = LifeModels.Featurizer(_mlContext, cache: scratch.At("cache"));
        IDataView encoded = model.Transform(data);
        Assert.HasCount(LifeModels.Clips.Length, encoded.GetColumn<float[]>("Score").ToList());
        PredictionEngine<Clip, Scored> engine = LifeModels.Engine(_mlContext, model, owns: false);
        model.Dispose();
        AssertDisposed("view", () => Read(encoded));
        AssertDisposed("engine", () => engine.Predict(LifeModels.Clips[0]));
        AssertDisposed("Transform", () => model.Transform(data));
        AssertDisposed("Save", () => LifeModels.Zip(_mlContext, model));
    }

    [TestMethod]
    public void View_WithoutRows_OfADisposedModelSaysSo()
    {
        SpeechEncodingTransformer model = LifeModels.Featurizer(_mlContext);
        IDataView none = model.Transform(_mlContext.Data.LoadFromEnumerable(Array.Empty<Clip>()));
        model.Dispose();
        AssertDisposed("no rows", () => Read(none));
    }

    [TestMethod]
    public void FrameWeights_OfADisposedModel_SayThatItWasDisposed()
    {
        using TransformerChain<SpeechClassificationTransformer> chain =
            LifeModels.Classifier(_mlContext, change: o => o.Pooling = SpeechPooling.Attention);
        SpeechScoringTransformer model = chain.LastTransformer;
        Assert.AreEqual(1, model.Model.FrameWeights(LifeModels.Clips[0].Audio, "Audio")!.Sum(), 1e-5);
        model.Dispose();
        AssertDisposed("frame weights", () => model.Model.FrameWeights(LifeModels.Clips[0].Audio, "Audio"));
        AssertDisposed("parameters", () => SpeechParameterTable.Of(model.Network));
        AssertDisposed("fingerprint", () => Fingerprint.OfWeights(model.Network));
    }

    [TestMethod]
    public void PredictionEngine_Disposed_TakesItsModelWithItUnlessToldOtherwise()
    {
        using TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
        float[][] expected = LifeModels.Scores(_mlContext, model);
        LifeModels.Engine(_mlContext, model, owns: false).Dispose();
        Assert.IsTrue(LifeModels.AreEqual(expected[1], LifeModels.Scores(_mlContext, model)[1]));
        LifeModels.Engine(_mlContext, model, owns: true).Dispose();
        AssertDisposed("model", () => LifeModels.Scores(_mlContext, model));
    }

    [TestMethod]
    public void Dispose_CallInFlight_KeepsTheWeightsUntilItsEnd()
    {
        SpeechEncodingTransformer model = LifeModels.Featurizer(_mlContext);
        SpeechNetwork network = model.Model.Network;
        string before = Fingerprint.OfWeights(network);
        ModuleLifetime.Use call = network.BeginUse();
        model.Dispose();
        AssertDisposed("a new call", () => model.Transform(LifeModels.View(_mlContext)));
        Assert.AreEqual(before, Fingerprint.OfWeights(network));
        call.Dispose();
        AssertDisposed("weights", () => network.state_dict());
    }

    [TestMethod]
    public void Dispose_WhileOthersScore_GivesRightScoresOrSaysSo()
    {
        using TransformerChain<ITransformer> kept = LifeModels.Load(LifeModels.ClassifierZip);
        float[][] expected = LifeModels.Scores(_mlContext, kept);
        for (int round = 0; round < 10; round++)
        {
            TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
            LifeModels.AtOnce(3, k =>
            {
                if (k == 0)
                {
                    Thread.Sleep(round);
                    model.Dispose();
                    return;
                }
                try
                {
                    float[][] scores = [.. model.Transform(LifeModels.View(_mlContext)).GetColumn<float[]>("Score")];
                    Assert.IsTrue(expected.Zip(scores).All(p => LifeModels.AreEqual(p.First, p.Second)));
                }
                catch (ObjectDisposedException e)
                {
                    Assert.Contains(Remedy, e.Message);
                }
            });
        }
    }

    [TestMethod]
    public void Save_WeightMissing_NamesItAndWritesNothing()
    {
        using var scratch = new Scratch();
        using TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
        ((SpeechScoringTransformer)model.LastTransformer).Network.register_module("head", null!);
        string zip = Assert.ThrowsExactly<InvalidOperationException>(() => LifeModels.Zip(_mlContext, model)).Message;
        Assert.AreEqual(
            "Speech model to write: expected the tensors that 'model.json' promises, got none of the name " +
            "'head.stacks.0.layers.0.weight'. Nothing was written.", zip);
        Assert.AreEqual(zip, Assert.ThrowsExactly<InvalidOperationException>(() =>
            _mlContext.Speech().SaveHuggingFace(model, scratch.At("folder"))).Message);
        Assert.IsFalse(Directory.Exists(scratch.At("folder")));
    }

    private static void Read(IDataView data, string column = "Score") =>
        Assert.IsNotNull(data.GetColumn<float[]>(column).ToList());

    private static void AssertDisposed(string what, Action use) =>
        Assert.Contains(Remedy, Assert.ThrowsExactly<ObjectDisposedException>(use, what).Message, what);
}
