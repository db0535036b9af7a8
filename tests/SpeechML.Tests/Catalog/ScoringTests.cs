using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Catalog;

/// <summary>
/// Saved models as a service uses them: audio from memory, no labels, the columns that the page names.
/// </summary>
[TestClass]
public sealed class ScoringTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void WithoutLoading_AudioFromMemory_ScoresAsFromFiles()
    {
        (TransformerChain<ITransformer> model, IDataView data) = Fit();
        using (model)
        {
            ITransformer scoring = _mlContext.Speech().ForScoring(model, data.Schema, out _);
            TransformerChain<ITransformer> memory = _mlContext.Speech().WithoutLoading(scoring);
            var engine = _mlContext.Model.CreatePredictionEngine<InMemory, Scored>(
                memory, new PredictionEngineOptions { OwnsTransformer = false });
            float[][] expected = [.. scoring.Transform(data).GetColumn<float[]>("Score")];
            IEnumerable<MLAudio> clips = Prompts.Rows(8).Select(r =>
                MLAudio.FromFile(Path.Combine(RepositoryFiles.Prompts, r.Path + ".wav")));
            float[][] scores = [.. memory.Transform(_mlContext.Data.LoadFromEnumerable(
                clips.Select(c => new InMemory { Audio = c }))).GetColumn<float[]>("Score")];
            Assert.AreEqual(Text(expected), Text(scores));
            Scored one = engine.Predict(new InMemory { Audio = clips.First() });
            Assert.AreEqual(scoring.Transform(data).GetColumn<string>("PredictedLabel").First(), one.PredictedLabel);
            CollectionAssert.AreEqual(expected[0], one.Score, new Near());
            ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
                () => _mlContext.Speech().WithoutLoading(memory));
            StringAssert.StartsWith(e.Message,
                "Model: expected one that loads audio (LoadAudio), got AudioEditingTransformer, ");
        }
    }

    [TestMethod]
    public void SaveForScoring_ModelThatMakesKeys_AsksForFilesOnly()
    {
        using var scratch = new Scratch();
        (TransformerChain<ITransformer> model, IDataView data) = Fit();
        using (model)
        {
            string whole = scratch.At("whole.zip"), zip = scratch.At("scoring.zip");
            _mlContext.Model.Save(model, data.Schema, whole);
            _mlContext.Speech().SaveForScoring(model, data.Schema, zip);

            using var all = (IDisposable)_mlContext.Model.Load(whole, out DataViewSchema training);
            Assert.HasCount(4, training);
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.Model.CreatePredictionEngine<OnlyFile, Scored>((ITransformer)all));

            ITransformer loaded = _mlContext.Model.Load(zip, out DataViewSchema schema);
            CollectionAssert.AreEqual(new[] { "Path" }, schema.Select(c => c.Name).ToArray());
            using PredictionEngine<OnlyFile, Scored> engine =
                _mlContext.Model.CreatePredictionEngine<OnlyFile, Scored>(loaded);
            string[] labels = [.. model.Transform(data).GetColumn<string>("PredictedLabel")];
            CollectionAssert.AreEqual(labels,
                Prompts.Rows(8).Select(r => engine.Predict(new OnlyFile { Path = r.Path }).PredictedLabel).ToArray());
            StorageException again = Assert.ThrowsExactly<StorageException>(
                () => _mlContext.Speech().SaveForScoring(model, data.Schema, zip));
            StringAssert.Contains(again.Message, zip);
        }
    }

    [TestMethod]
    public void ForScoring_KeysInPlaceOfTheirTexts_AreLeftOut()
    {
        IDataView data = Prompts.View(_mlContext, 8);
        using var model = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(_mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", SmallRuns.Still(SmallRuns.Options()))).Fit(data);
        TransformerChain<ITransformer> scoring =
            _mlContext.Speech().ForScoring(model, data.Schema, out DataViewSchema needs);
        CollectionAssert.AreEqual(new[] { "Path" }, needs.Select(c => c.Name).ToArray());
        Assert.IsFalse(scoring.Any(t => t is Microsoft.ML.Transforms.ValueToKeyMappingTransformer));
        IDataView files = _mlContext.Data.LoadFromEnumerable(
            Prompts.Rows(8).Select(r => new OnlyFile { Path = r.Path }));
        Assert.AreEqual(Text([.. model.Transform(data).GetColumn<float[]>("Score")]),
            Text([.. scoring.Transform(files).GetColumn<float[]>("Score")]));
    }

    [TestMethod]
    public void ForScoring_WithoutASpeechModel_NamesWhatIsThere()
    {
        IDataView data = Prompts.View(_mlContext, 8);
        ITransformer keys = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(data);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.Speech().ForScoring(keys, data.Schema, out _));
        StringAssert.StartsWith(e.Message,
            "Model: expected a transformer that scores speech, got ValueToKeyMappingTransformer.");
    }

    [TestMethod]
    public void Run_Complete_SavesTheSchemaThatScoringNeeds()
    {
        using var scratch = new Scratch();
        IDataView data = Prompts.View(_mlContext, 8);
        SpeechMultiLabelOptions options = SmallRuns.Still(TinyRuns.MultiLabel());
        using SpeechRun run = _mlContext.Speech().CreateRun(scratch.Folder, options);
        using var model = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options)).Fit(data);
        run.Complete(_mlContext, model, data.Schema);
        using var loaded = (IDisposable)_mlContext.Model.Load(run.ModelFile!, out DataViewSchema schema);
        CollectionAssert.AreEqual(new[] { "Path" }, schema.Select(c => c.Name).ToArray());
    }

    [TestMethod]
    public void OutputColumns_OfEachTask_AreThoseOfThePage()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "guides", "scoring.md"));
        var runs = new TaskRuns();
        using var scratch = new Scratch();
        var small = new SmallRuns();
        (string Task, ITransformer Model, IDataView Data)[] models =
        [
            ("classes", small.Fit(SmallRuns.Still(SmallRuns.Options())), small.Data),
            ("classes with an order", runs.Ordinal(scratch.At("o")).Model, runs.Data),
            ("yes or no", runs.Binary(scratch.At("b")).Model, runs.Data),
            ("several labels", new TinyRuns().MultiLabelRun(scratch.At("m")).Model, small.Data),
            ("a number", runs.Regression(scratch.At("r")).Model, runs.Data),
        ];
        foreach ((string task, ITransformer model, IDataView data) in models)
        {
            DataViewSchema output = model.GetOutputSchema(data.Schema);
            IEnumerable<string> columns = output.Skip(data.Schema.Count).OrderBy(c => c.Name, StringComparer.Ordinal)
                .Select(c => $"`{c.Name}`: {Kind(c.Type)}");
            StringAssert.Contains(page, $"| {task} | {string.Join("; ", columns)} |");
            (model as IDisposable)?.Dispose();
        }
    }

    private static string Kind(DataViewType type) => type switch
    {
        KeyDataViewType => "key (`uint`)",
        VectorDataViewType { ItemType: BooleanDataViewType } => "`bool[]`",
        VectorDataViewType => "`float[]`",
        BooleanDataViewType => "`bool`",
        _ => "`float`",
    };

    private static string Text(float[][] scores) => string.Join(' ', scores.SelectMany(s => s));

    private (TransformerChain<ITransformer> Model, IDataView Data) Fit()
    {
        IDataView data = Prompts.View(_mlContext, 8);
        return (PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Key", "Label"))
            .Append(_mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Key", "Audio", SmallRuns.Options()))
            .Append<ITransformer>(_mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data), data);
    }

    private sealed class OnlyFile
    {
        public string Path { get; set; } = "";
    }

    private sealed class InMemory
    {
        public MLAudio? Audio { get; set; }
    }

    private sealed class Scored
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    /// <summary>One clip is another batch than eight.</summary>
    private sealed class Near : System.Collections.IComparer
    {
        public int Compare(object? x, object? y) => Math.Abs((float)x! - (float)y!) < 1e-5 ? 0 : 1;
    }
}
