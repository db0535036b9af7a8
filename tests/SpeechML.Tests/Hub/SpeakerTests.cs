using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Tests.Hub;

/// <summary>Embeddings of speakers are those of Python, and are compared.</summary>
[TestClass]
public sealed class SpeakerTests
{
    public static IEnumerable<object[]> Models => HubModels.Names(speakers: true);

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void EmbedSpeaker_Golden_EmbeddingsLogitsAndCosinesAsPython(string name)
    {
        using var golden = new HubModels(name);
        IDataView data = golden.Data();
        using SpeechEncodingTransformer model =
            golden.Context.Transforms.EmbedSpeaker("Voice", golden.Folder).Fit(data);
        float[][] voices = HubModels.Read(model.Transform(data), "Voice");
        for (int clip = 0; clip < golden.Clips; clip++)
        {
            GoldenValues.AssertClose(golden.Json, "logits", golden.Expected(clip, "embedding"), voices[clip]);
            using Tensor voice = tensor(voices[clip]).unsqueeze(0);
            using Tensor logits = ((XVectorPooling)model.Model.Network.Pooling).Logits(voice);
            GoldenValues.AssertClose(golden.Json, "logits", golden.Expected(clip, "logits"),
                GoldenTensors.ToFloats(logits));
        }
        foreach (double[] pair in golden.Json.GetProperty("cosine_of_embeddings").EnumerateArray()
            .Select(p => p.EnumerateArray().Select(v => v.GetDouble()).ToArray()))
        {
            IDataView two = golden.Context.Data.LoadFromEnumerable(
                [new Pair { First = voices[(int)pair[0]], Second = voices[(int)pair[1]] }],
                Sized(voices[0].Length));
            ITransformer scorer = golden.Context.Transforms.ScoreSpeakers("Score", "First", "Second").Fit(two);
            Assert.AreEqual(pair[2], scorer.Transform(two).GetColumn<float>("Score").Single(), 1e-5);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void EmbedSpeaker_SavedAsZipAndFolder_Same(string name)
    {
        using var golden = new HubModels(name);
        using var scratch = new Scratch();
        IDataView data = golden.Data();
        using SpeechEncodingTransformer model =
            golden.Context.Transforms.EmbedSpeaker("Voice", golden.Folder).Fit(data);
        float[][] voices = HubModels.Read(model.Transform(data), "Voice");

        golden.Context.Model.Save(model, data.Schema, scratch.At("voices.zip"));
        ITransformer loaded = golden.Context.Model.Load(scratch.At("voices.zip"), out _);
        using var disposed = (IDisposable)loaded;
        golden.Context.Speech().SaveHuggingFace(model, scratch.At("out"));
        using SpeechEncodingTransformer again =
            golden.Context.Transforms.EmbedSpeaker("Voice", scratch.At("out")).Fit(data);
        EncoderFiles.AssertSameTensors(Path.Combine(golden.Folder, "model.safetensors"),
            Path.Combine(scratch.At("out"), "model.safetensors"), "");
        Assert.AreEqual(File.ReadAllText(Path.Combine(golden.Folder, "config.json")).TrimEnd(),
            File.ReadAllText(Path.Combine(scratch.At("out"), "config.json")));
        for (int clip = 0; clip < voices.Length; clip++)
        {
            CollectionAssert.AreEqual(voices[clip], HubModels.Read(loaded.Transform(data), "Voice")[clip]);
            CollectionAssert.AreEqual(voices[clip], HubModels.Read(again.Transform(data), "Voice")[clip]);
        }
    }

    [TestMethod]
    public void EmbedSpeaker_TooShortOrNoSpeakers_Refused()
    {
        using var golden = new HubModels((string)Models.First()[0]);
        IDataView data = HubModels.View(golden.Context, [new float[2_000]]);
        using SpeechEncodingTransformer model =
            golden.Context.Transforms.EmbedSpeaker("Voice", golden.Folder).Fit(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => HubModels.Read(model.Transform(data), "Voice")).Message,
            "expected at least 5200 samples at 16000 Hz");
        string classifier = Golden.At("classifiers", (string)HubModels.Names(speakers: false).First()[0]);
        StringAssert.Contains(
            Assert.ThrowsExactly<CheckpointException>(
                () => golden.Context.Speech().LoadHuggingFace(golden.Folder)).Message,
            "use mlContext.Transforms.EmbedSpeaker");
        if (File.Exists(Path.Combine(classifier, "config.json")))
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<CheckpointException>(
                    () => golden.Context.Transforms.EmbedSpeaker("Voice", classifier).Fit(data)).Message,
                "use mlContext.Speech().LoadHuggingFace");
        }
    }

    private static SchemaDefinition Sized(int size)
    {
        var definition = SchemaDefinition.Create(typeof(Pair));
        definition[nameof(Pair.First)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
        definition[nameof(Pair.Second)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
        return definition;
    }

    private sealed class Pair
    {
        public float[] First { get; set; } = [];

        public float[] Second { get; set; } = [];
    }
}
