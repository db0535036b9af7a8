using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>
/// The featurizer: which layers, how they are combined and pooled, and that nothing but speed depends on batches.
/// </summary>
[TestClass]
public sealed class SpeechEncodingTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("whisper-80")]
    [DataRow("hubert-base-like")]
    public void EncodeSpeech_SeveralLayers_AreCombinationsOfSingleOnes(string encoder)
    {
        float[][] one = Encode(encoder, o => o.Layers = "1");
        float[][] two = Encode(encoder, o => o.Layers = "2");
        Compare(one.Zip(two, (a, b) => a.Zip(b, (x, y) => (x + y) / 2).ToArray()),
            Encode(encoder, o => o.Layers = "1,2"));
        Compare(one.Zip(two, (a, b) => a.Concat(b).ToArray()),
            Encode(encoder, o => (o.Layers, o.LayerCombination) = ("1-2", LayerCombination.Concatenate)));
        Compare(
            one.Zip(two, (a, b) => a.Zip(b, (x, y) => (0.25f * x) + (0.75f * y)).ToArray()),
            Encode(encoder, o => (o.Layers, o.LayerCombination, o.LayerWeights) =
            ("1,2", LayerCombination.WeightedSum, "1,3")));
    }

    [TestMethod]
    [DataRow("whisper-80")]
    [DataRow("hubert-base-like")]
    public void EncodeSpeech_Frames_HaveTheirMeanAsPooledVector(string encoder)
    {
        float[][] pooled = Encode(encoder, _ => { });
        float[][] frames = Encode(encoder, o => o.Output = SpeechFeatureOutput.Frames);
        int size = pooled[0].Length;
        // Clips of different length have different numbers of frames, and only valid ones are given.
        Assert.IsGreaterThan(1, frames.Select(f => f.Length).Distinct().Count());
        Compare(pooled, frames.Select(
            f => Enumerable.Range(0, size)
            .Select(j => (float)Enumerable.Range(0, f.Length / size).Average(t => (double)f[(t * size) + j]))
            .ToArray()));
    }

    [TestMethod]
    public void EncodeSpeech_LastLayerByNumber_IsLastHiddenStateOfWhisper()
    {
        // hidden_states[-1] of Whisper is normed, as last_hidden_state is.
        Compare(Encode("whisper-80", _ => { }), Encode("whisper-80", o => o.Layers = "3"));
    }

    [TestMethod]
    public void EncodeSpeech_LowLayer_LeavesUpperLayersOutOfTheZip()
    {
        using var scratch = new Scratch();
        long Size(int layer)
        {
            IDataView data = Prompts.View(_mlContext, 4);
            using var model = PromptAudio.Whole(_mlContext)
                .Append(_mlContext.Transforms.EncodeSpeech(
                "Features", Options("hubert-base-like", o => o.Layers = $"{layer}"))).Fit(data);
            _mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
            return new FileInfo(scratch.At("model.zip")).Length;
        }
        Assert.IsLessThan(Size(4) * 3 / 4, Size(1));
    }

    [TestMethod]
    public void EncodeSpeech_Saved_WeightsAreStoredAsTheyAre()
    {
        IDataView data = Prompts.View(_mlContext, 3);
        using var zip = new MemoryStream();
        float[][] features;
        using (var model = PromptAudio.Whole(_mlContext)
            .Append(_mlContext.Transforms.EncodeSpeech("Features", Options("hubert-base-like", _ => { })))
            .Fit(data))
        {
            features = [.. model.Transform(data).GetColumn<float[]>("Features")];
            _mlContext.Model.Save(model, data.Schema, zip);
        }
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true))
        {
            ZipArchiveEntry weights = archive.Entries.Single(e => e.Name == "weights.safetensors"),
                facts = archive.Entries.Single(e => e.Name == "model.json");
            Assert.AreEqual(weights.Length, weights.CompressedLength, "to deflate them takes long and saves little");
            Assert.AreEqual(Path.GetDirectoryName(facts.FullName), Path.GetDirectoryName(weights.FullName));
            Assert.IsLessThan(facts.Length, facts.CompressedLength);
        }
        ITransformer loaded = _mlContext.Model.Load(zip, out _);
        using var owned = loaded as IDisposable;
        Compare(features, [.. loaded.Transform(data).GetColumn<float[]>("Features")]);
    }

    [TestMethod]
    public void EncodeSpeech_ClipAlone_AsInBatch()
    {
        IDataView all = Prompts.View(_mlContext, 12);
        using TransformerChain<SpeechEncodingTransformer> model = PromptAudio.Whole(_mlContext)
            .Append(_mlContext.Transforms.EncodeSpeech("Features", Options("hubert-base-like", _ => { })))
            .Fit(all);
        float[][] batched = [.. model.Transform(all).GetColumn<float[]>("Features")];
        float[][] alone = [.. Prompts.Rows(12)
            .Select(r => model.Transform(_mlContext.Data.LoadFromEnumerable([r])).GetColumn<float[]>("Features")
            .Single())];
        Compare(batched, alone);
    }

    private static SpeechEncodingOptions Options(string encoder, Action<SpeechEncodingOptions> change)
    {
        var options = new SpeechEncodingOptions
        {
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            WhisperContext = WhisperContext.Trimmed
        };
        change(options);
        return options;
    }

    private float[][] Encode(string encoder, Action<SpeechEncodingOptions> change)
    {
        IDataView data = Prompts.View(_mlContext, 6);
        using var model = PromptAudio.Whole(_mlContext)
            .Append(_mlContext.Transforms.EncodeSpeech("Features", Options(encoder, change))).Fit(data);
        return [.. model.Transform(data).GetColumn<float[]>("Features")];
    }

    /// <summary>Within 1e-4, the promise of padding invariance.</summary>
    private static void Compare(IEnumerable<float[]> expected, IEnumerable<float[]> actual) =>
        PipelineTests.AssertEqual([.. expected], [.. actual], 1e-4);
}
