using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.Training.Caching;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training;

/// <summary>
/// Features in files: a later pipeline takes them from there, and only where it would compute the same.
/// </summary>
[TestClass]
public sealed class FrozenFeaturesTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(SpeechFeatureOutput.Pooled)]
    [DataRow(SpeechFeatureOutput.Frames)]
    public void EncodeSpeech_CacheFolder_SameFeaturesAndRead(SpeechFeatureOutput output)
    {
        using var folder = new Scratch();
        float[][] without = Encode("", o => o.Output = output);
        PipelineTests.AssertEqual(without, Encode(folder.Folder, o => o.Output = output), 0);
        PipelineTests.AssertEqual(without, Encode(folder.Folder, o => o.Output = output), 0);
        // Whole files of other values: what comes out was read, not computed.
        Mark(folder.Folder);
        Assert.IsTrue(Encode(folder.Folder, o => o.Output = output).All(f => Array.TrueForAll(f, v => v == 7)));
        // A damaged file is computed anew and replaced.
        foreach (string file in Files(folder.Folder))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        }
        PipelineTests.AssertEqual(without, Encode(folder.Folder, o => o.Output = output), 0);
        PipelineTests.AssertEqual(without, Encode(folder.Folder, o => o.Output = output), 0);
    }

    [TestMethod]
    public void EncodeSpeech_OtherOptions_AreOtherFiles()
    {
        using var folder = new Scratch();
        Action<SpeechEncodingOptions>[] changes =
        [
            _ => { },
            o => o.Layers = "1",
            o => o.Layers = "0-1",
            o => (o.Layers, o.LayerCombination, o.LayerWeights) = ("0-1", LayerCombination.WeightedSum, "1,3"),
            o => (o.Layers, o.LayerCombination, o.LayerWeights) = ("0-1", LayerCombination.WeightedSum, "3,1"),
            o => o.Pooling = SpeechPooling.Max,
            o => o.Precision = SpeechPrecision.BFloat16,
            o => o.Output = SpeechFeatureOutput.Frames,
            o => o.CachePrecision = CachePrecision.Float16,
            o => o.Encoder = RepositoryFiles.TinyEncoder("wavlm-base-like"),
        ];
        int files = 0;
        foreach (Action<SpeechEncodingOptions> change in changes)
        {
            _ = Encode(folder.Folder, change);
            int now = Files(folder.Folder).Length;
            Assert.IsGreaterThan(files, now);
            files = now;
        }
    }

    [TestMethod]
    public void EncodeSpeech_SavedModel_DoesNotNameTheFolder()
    {
        using var folder = new Scratch();
        using var zip = new MemoryStream();
        IDataView data = Prompts.View(_mlContext, 4);
        float[][] computed;
        using (var model = Pipeline(folder.Folder, _ => { }).Fit(data))
        {
            computed = [.. model.Transform(data).GetColumn<float[]>("Features")];
            Mark(folder.Folder);
            _mlContext.Model.Save(model, data.Schema, zip);
        }
        ITransformer loaded = _mlContext.Model.Load(zip, out _);
        using (loaded as IDisposable)
        {
            PipelineTests.AssertEqual(computed, [.. loaded.Transform(data).GetColumn<float[]>("Features")], 0);
        }
    }

    [TestMethod]
    public void Fit_FrozenEncoder_FindsWhatAFeaturizerMade()
    {
        using var folder = new Scratch();
        var options = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            Freezing = LayerFreezing.All,
            Epochs = 1,
            Cache = { Folder = folder.Folder }
        };
        IDataView data = Prompts.View(_mlContext, 4);
        _ = Encode(folder.Folder, _ => { });
        string[] files = Files(folder.Folder);
        using var model = PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(_mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options))
            .Fit(data);
        CollectionAssert.AreEqual(files, Files(folder.Folder));
    }

    [TestMethod]
    public void Options_CacheNotValid_SayWhatIsExpected()
    {
        static string Refusal(Action<SpeechEncodingOptions> change) =>
            Assert.ThrowsExactly<ArgumentException>(() =>
                new MLContext().Transforms.EncodeSpeech("Features", Options("", change))).Message;
        Assert.AreEqual("Option CacheFolderLimit: expected 0 or more MiB, got '-1'.",
            Refusal(o => o.CacheFolderLimit = -1));
        Assert.StartsWith("Option CacheFolder: expected a folder, or an empty text for none, got ",
            Refusal(o => o.CacheFolder = null!));
        Assert.StartsWith("Option CachePrecision: expected ", Refusal(o => o.CachePrecision = (CachePrecision)9));
    }

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder, "*" + ActivationCacheFolder.Extension).Order(StringComparer.Ordinal)];

    /// <summary>Replaces all values in the files by 7.</summary>
    private static void Mark(string folder)
    {
        var files = new ActivationCacheFolder(folder, 1 << 30, CachePrecision.Float32);
        foreach (string key in Files(folder).Select(f => Path.GetFileNameWithoutExtension(f)!))
        {
            files.Write(key, [.. files.Read(key)!.Select(
                b => b with { Values = [.. Enumerable.Repeat(7f, b.Values.Length)] })]);
        }
    }

    private static SpeechEncodingOptions Options(string folder, Action<SpeechEncodingOptions> change)
    {
        var options = new SpeechEncodingOptions
        {
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            CacheFolder = folder
        };
        change(options);
        return options;
    }

    private EstimatorChain<SpeechEncodingTransformer> Pipeline(string folder, Action<SpeechEncodingOptions> change) =>
        PromptAudio.Pipeline(_mlContext)
            .Append(_mlContext.Transforms.EncodeSpeech("Features", Options(folder, change)));

    private float[][] Encode(string folder, Action<SpeechEncodingOptions> change)
    {
        IDataView data = Prompts.View(_mlContext, 4);
        using var model = Pipeline(folder, change).Fit(data);
        return [.. model.Transform(data).GetColumn<float[]>("Features")];
    }
}
