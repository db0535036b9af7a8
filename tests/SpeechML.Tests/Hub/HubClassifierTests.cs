using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Hub;

/// <summary>Classifiers of the Hub give what Python's pipeline gives, and are written as they came.</summary>
[TestClass]
public sealed class HubClassifierTests
{
    public static IEnumerable<object[]> Classifiers => HubModels.Names(speakers: false);

    [TestMethod]
    [DynamicData(nameof(Classifiers))]
    public void LoadHuggingFace_Golden_LogitsAndScoresAsPython(string name)
    {
        using var golden = new HubModels(name);
        using SpeechScoringTransformer model =
            golden.Context.Speech().LoadHuggingFace(golden.Model, options: golden.Options);
        CollectionAssert.AreEqual(golden.Labels, model.Labels.ToArray());
        AssertScores(golden, model.Transform(golden.Data()));
        AssertLogits(golden, model);
    }

    [TestMethod]
    [DynamicData(nameof(Classifiers))]
    public void SaveHuggingFace_Golden_SameTensorsAndConfiguration(string name)
    {
        using var golden = new HubModels(name);
        using var scratch = new Scratch();
        using SpeechScoringTransformer model =
            golden.Context.Speech().LoadHuggingFace(golden.Model, options: golden.Options);
        string folder = scratch.At("written");
        golden.Context.Speech().SaveHuggingFace(model, folder);

        string source = golden.IsAdapter ? golden.Options.BaseModel : golden.Folder;
        AssertSameJson(source, folder, "config.json");
        AssertSameJson(source, folder, "preprocessor_config.json");
        if (golden.IsAdapter)
        {
            // The base has the adapter's head, so that it stands alone; the encoder and the adapter are as they came.
            EncoderFiles.AssertSameTensors(Path.Combine(golden.Model, "adapter_model.safetensors"),
                Path.Combine(folder, "adapter", "adapter_model.safetensors"), "");
            AssertSameJson(golden.Model, Path.Combine(folder, "adapter"), "adapter_config.json");
        }
        else
        {
            EncoderFiles.AssertSameTensors(
                Path.Combine(source, "model.safetensors"), Path.Combine(folder, "model.safetensors"), "");
        }
        using SpeechScoringTransformer again = golden.Context.Speech().LoadHuggingFace(folder);
        AssertScores(golden, again.Transform(golden.Data()));

        // What Python would read of it alone gives the same.
        File.Delete(Path.Combine(folder, "speechml.json"));
        File.Delete(Path.Combine(folder, "head.safetensors"));
        using SpeechScoringTransformer python = golden.Context.Speech().LoadHuggingFace(
            golden.IsAdapter ? Path.Combine(folder, "adapter") : folder,
            options: new HuggingFaceModelOptions { BaseModel = golden.IsAdapter ? folder : "" });
        AssertScores(golden, python.Transform(golden.Data()));
    }

    [TestMethod]
    [DynamicData(nameof(Classifiers))]
    public void LoadHuggingFace_SavedAsZip_SameScores(string name)
    {
        using var golden = new HubModels(name);
        using var scratch = new Scratch();
        using SpeechScoringTransformer model =
            golden.Context.Speech().LoadHuggingFace(golden.Model, options: golden.Options);
        IDataView data = golden.Data();
        golden.Context.Model.Save(model, data.Schema, scratch.At("model.zip"));
        ITransformer loaded = golden.Context.Model.Load(scratch.At("model.zip"), out _);
        using var disposed = (IDisposable)loaded;
        AssertScores(golden, loaded.Transform(data));
    }

    private static void AssertScores(HubModels golden, IDataView scored)
    {
        double tolerance = golden.Json.GetProperty("tolerances").GetProperty("scores").GetDouble();
        string function = golden.Json.GetProperty("function").GetString()!;
        float[][] scores = HubModels.Read(scored, function == "sigmoid" ? "Probability" : "Score");
        for (int clip = 0; clip < golden.Clips; clip++)
        {
            float[] expected = golden.Expected(clip, "scores");
            Assert.HasCount(expected.Length, scores[clip]);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], scores[clip][i], tolerance, $"clip {clip}, {golden.Labels[i]}");
            }
        }
    }

    private static void AssertLogits(HubModels golden, SpeechScoringTransformer model)
    {
        float[][] outputs = [.. model.Model.Run(golden.Data().GetColumn<MLAudio>("Audio"), "Audio")];
        for (int clip = 0; clip < golden.Clips; clip++)
        {
            GoldenValues.AssertClose(golden.Json, "logits", golden.Expected(clip, "logits"), outputs[clip]);
        }
    }

    private static void AssertSameJson(string expected, string actual, string file) => Assert.IsTrue(
        JsonNode.DeepEquals(
            EncoderFiles.Json(Path.Combine(expected, file)), EncoderFiles.Json(Path.Combine(actual, file))), file);
}
