using Microsoft.ML;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Onnx.Tests;

/// <summary>Graphs give the scores of the models that they come from.</summary>
[TestClass]
public sealed class GraphTests
{
    [TestMethod]
    public void Graph_CoveringCases_ScoresAreTheModels() => Check(OnnxCase.All(all: false));

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(EncoderCases.All), typeof(EncoderCases))]
    public void Graph_EveryCase_ScoresAreTheModels(string name)
    {
        string folder = EncoderCases.Folder(name);
        Check(OnnxCase.All(all: true).Where(c => c.Encoder == folder));
    }

    [TestMethod]
    [DynamicData(nameof(TinyNames))]
    public void Graph_EveryKindOfEncoder_ScoresAreTheModels(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        string folder = TinyEncoders.WriteFolder(encoder, TinyEncoders.Config(name));
        try
        {
            // The last state is finished apart in some.
            Check(new[] { EncoderLayers.Last, EncoderLayers.All }.Select(
                layers => new OnnxCase { Encoder = folder, Layers = layers }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Graph_HalfWeights_IsHalfAsLargeAndClose()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model =
            new OnnxCase { Encoder = RepositoryFiles.TinyEncoder("hubert-base-like") }.Build(mlContext);
        mlContext.Speech().SaveOnnx(model, scratch.At("whole.onnx"));
        mlContext.Speech().SaveOnnx(model, scratch.At("half.onnx"), new SpeechOnnxOptions { HalfWeights = true });
        float[] clip = TinyEncoders.Clip(8000, 1);
        using var whole = new OnnxRun(scratch.At("whole.onnx"));
        using var half = new OnnxRun(scratch.At("half.onnx"));
        Scores.AreEqual(whole.Run(clip)["Score"].Values, half.Run(clip)["Score"].Values, "Score", 5e-2);
        Assert.IsLessThan(
            new FileInfo(scratch.At("whole.onnx")).Length, new FileInfo(scratch.At("half.onnx")).Length);
    }

    [TestMethod]
    public void Graph_FramesAsked_AreThoseOfTheModel()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model =
            new OnnxCase { Encoder = RepositoryFiles.TinyEncoder("wavlm-base-like"), Layers = "0-1" }.Build(mlContext);
        mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"), new SpeechOnnxOptions { Frames = true });
        float[][] clips = [TinyEncoders.Clip(6000, 1), TinyEncoders.Clip(8000, 2)];
        using var run = new OnnxRun(scratch.At("model.onnx"));
        Dictionary<string, (float[] Values, long[] Shape)> outputs = run.Run(clips);
        using DisposeScope scope = NewDisposeScope();
        (Tensor frames, long[] lengths) = model.Network.Frames(Batch.Of(clips));
        CollectionAssert.AreEqual(frames.shape, outputs["Frames"].Shape);
        CollectionAssert.AreEqual(lengths, outputs["FrameLengths"].Values.Select(v => (long)v).ToArray());
        float[] expected = frames[1].contiguous().detach().data<float>().ToArray();
        Scores.AreEqual(expected, outputs["Frames"].Values[^expected.Length..], "frames");
    }

    [TestMethod]
    public void Graph_WhisperBase_ScoresOfRealClipsAreTheModels()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        var one = new OnnxCase { Encoder = RepositoryFiles.WhisperBase, Layers = "2,4", Task = SpeechTask.MultiLabel };
        using SpeechScoringTransformer model = one.Build(mlContext);
        mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"));
        IDataView rows = Prompts.View(mlContext, 2);
        IDataView audio = PromptAudio.Pipeline(mlContext).Fit(rows).Transform(rows);
        IDataView data = mlContext.Transforms.SelectColumns("Audio").Fit(audio).Transform(audio);
        using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        LoadTests.AreSame(model, loaded, data, "Whisper base");
    }

    // That no run of these tests warns says nothing where warnings are not heard.
    [TestMethod]
    public void Run_OutputOfAnotherShapeThanSaid_WarnsAndFails()
    {
        using var scratch = new Scratch();
        var graph = new GraphBuilder();
        string audio = graph.Input("audio", ElementType.Float, "batch", "samples");
        string lengths = graph.Input("lengths", ElementType.Int64, "batch");
        graph.Output(audio, "Same", ElementType.Float, "batch", 7L);
        graph.Output(lengths, "Lengths", ElementType.Int64, "batch");
        GraphWriter.Write(graph, [], scratch.At("model.onnx"), int.MaxValue);
        using var run = new OnnxRun(scratch.At("model.onnx"));
        Assert.IsEmpty(run.Warnings);
        Assert.ThrowsExactly<AssertFailedException>(() => run.Run([1f, 2f]));
        StringAssert.Contains(run.Warnings.Single(), "shape");
    }

    [TestMethod]
    public void Constants_WhatNoNodeReads_AreNotWritten()
    {
        var graph = new GraphBuilder();
        string used = graph.Weight([1, 2], 2);
        _ = graph.Weight([3, 4], 2);
        graph.Output(graph.Op("Neg", used), "Out", ElementType.Float, 2L);
        Assert.AreEqual(used, graph.Constants.Single().Name);
    }

    public static IEnumerable<object[]> TinyNames() => TinyEncoders.Names();

    private static void Check(IEnumerable<OnnxCase> cases)
    {
        using var scratch = new Scratch();
        int count = 0;
        var misses = new List<string>();
        foreach (OnnxCase one in cases)
        {
            CheckOne(one, scratch, misses);
            count++;
        }
        Console.WriteLine($"{count} cases");
        Assert.IsEmpty(misses, $"{misses.Count} values of {count} cases: {string.Join('\n', misses.Take(40))}");
        Assert.IsGreaterThan(0, count);
    }

    private static void CheckOne(OnnxCase one, Scratch scratch, List<string> misses)
    {
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model = one.Build(mlContext);
        string path = scratch.At("model.onnx");
        mlContext.Speech().SaveOnnx(model, path);
        EncoderConfig encoder = model.Network.Encoder.Config;
        // Longer ones are cut outside the graph.
        float[][] clips = [.. new long[] { 5000, 8003, 1601 }.Select((samples, i) => TinyEncoders.Clip(
            (int)Math.Clamp(samples, encoder.MinSamples, encoder.MaxSamples ?? samples), i + 1))];
        Dictionary<string, float[][]> expected = Scores.Of(model, Scores.Data(mlContext, clips));
        using var run = new OnnxRun(path);
        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), run.Session.OutputNames.ToArray(), $"{one}");
        CollectionAssert.AreEqual(new[] { "audio", "lengths" }, run.Session.InputNames.ToArray(), $"{one}");
        Dictionary<string, (float[] Values, long[] Shape)> together = run.Run(clips);
        for (int i = 0; i < clips.Length; i++)
        {
            Dictionary<string, (float[] Values, long[] Shape)> alone = run.Run(clips[i]);
            foreach ((string column, float[][] rows) in expected)
            {
                int size = rows[i].Length;
                CollectionAssert.AreEqual(new long[] { clips.Length, size }, together[column].Shape, $"{one} {column}");
                // One number may be near 0 where what it is summed of is not.
                double summed = size == 1 && column == "Score" ? Summed(model.Model, clips[i]) : 0;
                Scores.Compare(rows[i], alone[column].Values, $"{one}, clip {i} alone, {column}", misses,
                    summed: summed);
                Scores.Compare(
                    alone[column].Values, together[column].Values[(i * size)..((i + 1) * size)],
                    $"{one}, clip {i} in a batch, {column}", misses, summed: summed);
            }
        }
    }

    /// <summary>What the last map of the head sums for a clip: |b| + Σ |w · x|.</summary>
    private static double Summed(SpeechModel model, float[] clip)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pooled;
        using (no_grad())
        {
            (Tensor frames, long[] lengths) = model.Network.Frames(Batch.Of([clip]));
            pooled = model.Network.Pooling.Pool(frames, lengths);
        }
        using IDisposable gradients = enable_grad();
        Dictionary<string, Parameter> head = model.Network.named_parameters()
            .Where(p => p.name.StartsWith("head.stacks.0.layers.", StringComparison.Ordinal))
            .ToDictionary(p => p.name, p => p.parameter);
        string last = head.Keys.Where(n => n.EndsWith(".weight", StringComparison.Ordinal))
            .Max(StringComparer.Ordinal)!;
        Parameter weight = head[last], bias = head[last[..^".weight".Length] + ".bias"];
        weight.requires_grad = true;
        // The gradient of a weight is what it is multiplied with.
        Tensor x = autograd.grad([model.Network.RunHead(pooled, null).sum()], [weight])[0];
        return (x * weight).abs().sum().Plus(bias.abs().sum()).item<float>();
    }
}
