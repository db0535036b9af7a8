using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Hub;

/// <summary>What a configuration says and we cannot do is refused by name; no head is filled at random.</summary>
[TestClass]
public sealed class HubRefusalTests
{
    private static readonly string s_source =
        Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", "hubert-softmax");

    private static readonly string s_emotion =
        Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers", "wav2vec2-emotion");

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow("architectures", "[\"HubertForCTC\"]", "field 'architectures'")]
    [DataRow("architectures", "[\"HubertForAudioFrameClassification\"]", "field 'architectures'")]
    [DataRow("problem_type", "\"ranking\"", "field 'problem_type'")]
    [DataRow("problem_type", "3", "field 'problem_type'")]
    [DataRow("pooling_mode", "\"sum\"", "field 'pooling_mode'")]
    [DataRow("use_weighted_layer_sum", "true", "tensor 'layer_weights'")]
    [DataRow("classifier_proj_size", "13", "tensor 'projector.weight'")]
    [DataRow("id2label", "{\"0\": \"a\", \"1\": \"b\"}", "field 'id2label'")]
    [DataRow("id2label", "{\"0\": \"a\", \"1\": \"b\", \"2\": \"c\", \"2x\": \"d\"}", "field 'id2label'")]
    [DataRow("id2label", "{\"0\": \"a\", \"1\": \"b\", \"2\": \"a\", \"3\": \"d\"}", "field 'id2label'")]
    [DataRow("id2label", "[]", "field 'id2label'")]
    [DataRow("id2label", "null", "field 'id2label'")]
    [DataRow("add_adapter", "true", "field 'add_adapter'")]
    public void LoadHuggingFace_ConfigurationThatWeCannot_NamesTheField(string field, string value, string message)
    {
        using var scratch = new Scratch();
        string folder = Copy(s_source, scratch.At("model"));
        string path = Path.Combine(folder, "config.json");
        JsonObject config = EncoderFiles.Json(path).AsObject();
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        StringAssert.Contains(
            Assert.ThrowsExactly<CheckpointException>(() => _context.Speech().LoadHuggingFace(folder)).Message,
            message);
    }

    [TestMethod]
    [DataRow("classifier.weight")]
    [DataRow("classifier.bias")]
    [DataRow("projector.weight")]
    [DataRow("projector.bias")]
    public void LoadHuggingFace_HeadNotWhole_IsNeverFilledAtRandom(string missing)
    {
        using var scratch = new Scratch();
        string folder = Copy(s_source, scratch.At("model"));
        HeadFiles.Rewrite(Path.Combine(folder, "model.safetensors"), (name, tensor) => name == missing ? null : tensor);
        string message = Assert.ThrowsExactly<CheckpointException>(
            () => _context.Speech().LoadHuggingFace(folder)).Message;
        StringAssert.Contains(message, $"tensor '{missing}'");
        StringAssert.Contains(message, "a head is never filled at random");
    }

    [TestMethod]
    public void LoadHuggingFace_EncoderAloneWithLabels_Refused()
    {
        using var scratch = new Scratch();
        string folder = Copy(s_source, scratch.At("model"));
        HeadFiles.Rewrite(Path.Combine(folder, "model.safetensors"),
            (name, tensor) => name.StartsWith("hubert.", StringComparison.Ordinal) ? tensor : null);
        StringAssert.Contains(Assert.ThrowsExactly<CheckpointException>(
            () => _context.Speech().LoadHuggingFace(folder)).Message, "a head is never filled at random");
    }

    [TestMethod]
    public void LoadHuggingFace_TensorThatNoHeadHas_Refused()
    {
        using var scratch = new Scratch();
        string folder = Copy(s_source, scratch.At("model"));
        HeadFiles.Rename(Path.Combine(folder, "model.safetensors"), "projector.bias", "projector2.bias", keep: true);
        StringAssert.Contains(Assert.ThrowsExactly<CheckpointException>(
            () => _context.Speech().LoadHuggingFace(folder)).Message, "tensor 'projector2.bias'");
    }

    [TestMethod]
    public void LoadHuggingFace_EmotionUnderTheOtherName_SameNumbersAndOneOfThem()
    {
        using var scratch = new Scratch();
        string folder = Copy(s_emotion, scratch.At("model"));
        string weights = Path.Combine(folder, "model.safetensors");
        HeadFiles.Rename(weights, "classifier.out_proj.weight", "classifier.output.weight", keep: false);
        HeadFiles.Rename(weights, "classifier.out_proj.bias", "classifier.output.bias", keep: false);
        IDataView data = HubModels.View(_context, [[.. Enumerable.Range(0, 9_000).Select(i => MathF.Sin(i * 0.05f))]]);
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(s_emotion);
        using SpeechScoringTransformer renamed = _context.Speech().LoadHuggingFace(folder);
        float[] scores = HubModels.Read(model.Transform(data), "Score")[0];
        CollectionAssert.AreEqual(scores, HubModels.Read(renamed.Transform(data), "Score")[0]);
        _context.Speech().SaveHuggingFace(renamed, scratch.At("out"));
        EncoderFiles.AssertSameTensors(weights, Path.Combine(scratch.At("out"), "model.safetensors"), "");

        using SpeechScoringTransformer one = _context.Speech().LoadHuggingFace(
            s_emotion, options: new HuggingFaceModelOptions { Target = "label 1" });
        Assert.AreEqual(scores[1], HubModels.Read(one.Transform(data), "Score")[0].Single(), 1e-6f);
        StringAssert.Contains(Assert.ThrowsExactly<CheckpointException>(() => _context.Speech().LoadHuggingFace(
            s_emotion, options: new HuggingFaceModelOptions { Target = "joy" })).Message, "'joy'");
    }

    [TestMethod]
    public void SaveHuggingFace_ChangedByAnotherProgram_NeitherHeadIsTakenForTheOther()
    {
        using var scratch = new Scratch();
        string folder = scratch.At("out");
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(s_source);
        _context.Speech().SaveHuggingFace(model, folder);
        HeadFiles.Rewrite(Path.Combine(folder, "model.safetensors"),
            (name, tensor) => name == "classifier.bias" ? tensor + 1 : tensor);
        StringAssert.Contains(Assert.ThrowsExactly<CheckpointException>(
            () => _context.Speech().LoadHuggingFace(folder)).Message, "another program changed the folder");
        File.Delete(Path.Combine(folder, "speechml.json"));
        _context.Speech().LoadHuggingFace(folder).Dispose();
    }

    private static string Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
        return to;
    }
}
