using System.Text;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using SpeechML.Onnx.Wire;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>Files that are not ours, or are damaged, are refused in words.</summary>
[TestClass]
public sealed class RefusalTests
{
    private static readonly string s_encoder = RepositoryFiles.TinyEncoder("hubert-base-like");

    [TestMethod]
    public void LoadOnnx_NotOurs_IsRefused()
    {
        using var scratch = new Scratch();
        Refuse(scratch, Encoding.UTF8.GetBytes("no model at all"), "ONNX's wire format");
        Refuse(scratch, [], "expected one graph, got 0");
        byte[] foreign = new WireWriter().Add(1, 6).Add(7, new WireWriter().Add(2, "graph")).ToArray();
        Refuse(scratch, foreign, "expected a model that SpeechML.OnnxConverter wrote");
    }

    [TestMethod]
    public void LoadOnnx_Truncated_IsRefused()
    {
        using var scratch = new Scratch();
        byte[] bytes = Model();
        foreach (int length in new[] { 1, 100, 2000, bytes.Length / 2, bytes.Length - 1 })
        {
            Refuse(scratch, bytes[..length], "ONNX model");
        }
    }

    [TestMethod]
    [DataRow("\"sampleRate\":16000", "\"sampleRate\":8000_", "expected the JSON that SpeechML writes")]
    [DataRow("\"sampleRate\":16000", "\"sampleRate\":44100", "expected one sample rate, got 44100 Hz")]
    [DataRow("\"name\":\"Score\"", "\"name\":\"Scora\"", "expected an output 'Scora' of Single and 3 columns")]
    [DataRow("[\"calm\",\"loud\",\"sad\"]", "[\"calm\",\"loudsad\"]   ", "names of column 'PredictedLabel'")]
    [DataRow("\"format\": 1", "\"format\": 9", null)]
    public void LoadOnnx_MetadataThatDoNotFit_AreRefused(string from, string to, string? expected)
    {
        using var scratch = new Scratch();
        byte[] bytes = Model();
        int changed = 0;
        byte[] old = Encoding.UTF8.GetBytes(from), replaced = Encoding.UTF8.GetBytes(to);
        Assert.HasCount(old.Length, replaced);
        for (int at = 0; (at = Find(bytes, old, at)) >= 0; at += old.Length)
        {
            replaced.CopyTo(bytes, at);
            changed++;
        }
        Assert.IsGreaterThan(0, changed);
        if (expected is null)
        {
            // The manifest is for readers: a program that scores goes by the description.
            File.WriteAllBytes(scratch.At("model.onnx"), bytes);
            new MLContext().Speech().LoadOnnx(scratch.At("model.onnx")).Dispose();
            return;
        }
        Refuse(scratch, bytes, expected);
    }

    [TestMethod]
    public void LoadOnnx_MutatedFiles_NoCrash() => Mutate(50);

    [TestMethod]
    [TestCategory("Slow")]
    public void LoadOnnx_ManyMutatedFiles_NoCrash() => Mutate(2000);

    [TestMethod]
    public void SaveOnnx_FamilyOrPartWithoutConverter_IsRefusedByName()
    {
        var mlContext = new MLContext(seed: 1);
        string own = SpeechPooling.Register("OnnxTestsPooling", (hidden, _) => new FirstFrame(hidden));
        using SpeechScoringTransformer model = new OnnxCase { Encoder = s_encoder, Pooling = own }.Build(mlContext);
        var refused = Assert.ThrowsExactly<NotSupportedException>(
            () => mlContext.Speech().SaveOnnx(model, new MemoryStream()));
        StringAssert.Contains(refused.Message, "got 'OnnxTestsPooling'");
    }

    [TestMethod]
    public void SaveOnnx_WeightsInASecondFile_LoadAndAreNotPutInZips()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model = new OnnxCase { Encoder = s_encoder }.Build(mlContext);
        OnnxConverter.Chains.ChainGraph chain = OnnxConverter.Chains.ChainGraph.Of(model, new SpeechOnnxOptions());
        OnnxConverter.Graph.GraphWriter.Write(chain.Graph, chain.Metadata, scratch.At("model.onnx"), maxInside: 1000);
        Assert.IsTrue(File.Exists(scratch.At("model.onnx.data")));
        IDataView data = Scores.Data(mlContext, TinyEncoders.Clip(8000, 1));
        using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        LoadTests.AreSame(model, loaded, data, "external data");
        var refused = Assert.ThrowsExactly<InvalidOperationException>(
            () => mlContext.Model.Save(loaded, data.Schema, scratch.At("model.zip")));
        StringAssert.Contains(refused.Message, "second file");
    }

    private static byte[] Model()
    {
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model = new OnnxCase { Encoder = s_encoder }.Build(mlContext);
        using var stream = new MemoryStream();
        mlContext.Speech().SaveOnnx(model, stream);
        return stream.ToArray();
    }

    private static void Refuse(Scratch scratch, byte[] bytes, string expected)
    {
        string path = scratch.At("model.onnx");
        File.WriteAllBytes(path, bytes);
        var refused = Assert.ThrowsExactly<FormatException>(() => new MLContext().Speech().LoadOnnx(path));
        StringAssert.Contains(refused.Message, expected);
        StringAssert.Contains(refused.Message, $"'{path}'");
    }

    private static void Mutate(int files)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        byte[] whole = Model();
        // Half of the changes hit the part before the weights, where all structure is.
        int structure = Find(whole, Encoding.UTF8.GetBytes("constant_"), 0);
        var random = new Random(5);
        int scored = 0;
        for (int file = 0; file < files; file++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                bytes[random.Next(file % 2 == 0 ? structure : bytes.Length)] = (byte)random.Next(256);
            }
            File.WriteAllBytes(scratch.At("model.onnx"), bytes);
            try
            {
                using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
                _ = Scores.Of(loaded, Scores.Data(mlContext, TinyEncoders.Clip(3000, 1)));
                scored++;
            }
            catch (Exception error) when (error is FormatException or OnnxRuntimeException or InvalidOperationException)
            {
                Assert.IsNotEmpty(error.Message);
            }
        }
        Assert.IsGreaterThan(0, scored);
    }

    private static int Find(byte[] bytes, byte[] wanted, int from)
    {
        int found = bytes.AsSpan(from).IndexOf(wanted);
        return found < 0 ? -1 : from + found;
    }
}
