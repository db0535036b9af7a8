using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Onnx.Tests;

/// <summary>A loaded ONNX model is the transformer that it was written from.</summary>
[TestClass]
public sealed class LoadTests
{
    private static readonly string s_encoder = RepositoryFiles.TinyEncoder("hubert-base-like");

    [TestMethod]
    [DataRow(SpeechTask.Multiclass)]
    [DataRow(SpeechTask.Binary)]
    [DataRow(SpeechTask.MultiLabel)]
    [DataRow(SpeechTask.Ordinal)]
    [DataRow(SpeechTask.Regression)]
    public void LoadOnnx_EveryTask_SameSchemaAndScores(SpeechTask task) =>
        Check(new OnnxCase { Encoder = s_encoder, Task = task });

    [TestMethod]
    [DataRow("Mean")]
    [DataRow("Max")]
    [DataRow("Min")]
    [DataRow("MeanStd")]
    [DataRow("Attention")]
    [DataRow("AttentionTanh")]
    public void LoadOnnx_LongRecordings_SameScoresByEveryPooling(string pooling) => Check(
        new OnnxCase { Encoder = s_encoder, Pooling = pooling, LongAudio = new() { Length = 0.5, Overlap = 0.1 } });

    [TestMethod]
    [DataRow(SpeechTask.Multiclass, null)]
    [DataRow(SpeechTask.MultiLabel, null)]
    [DataRow(SpeechTask.Regression, null)]
    [DataRow(SpeechTask.Ordinal, "Coral")]
    [DataRow(SpeechTask.Ordinal, "Corn")]
    [DataRow(SpeechTask.Ordinal, "EarthMovers")]
    public void LoadOnnx_ProbabilitiesOfWindows_AreAveragedAsTheModelDoes(SpeechTask task, string? loss) =>
        Check(new OnnxCase
        {
            Encoder = s_encoder,
            Task = task,
            OrdinalLoss = loss,
            LongAudio = new() { Length = 0.5, Overlap = 0.1, Combination = WindowCombination.Probabilities },
        });

    [TestMethod]
    public void LoadOnnx_TruncatingModelAndWhisper_SameScores()
    {
        Check(new OnnxCase { Encoder = s_encoder, LongAudio = new() { Rule = LongAudioRule.Truncate, Length = 0.5 } });
        Check(new OnnxCase
        {
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            LongAudio = new() { Length = 0.5, Overlap = 0.1 },
        });
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void LoadOnnx_EveryKindOfEncoder_SameScoresOfShortAndLongClips(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        string folder = TinyEncoders.WriteFolder(encoder, TinyEncoders.Config(name));
        try
        {
            Check(new OnnxCase { Encoder = folder, LongAudio = new() { Length = 0.3, Overlap = 0.1 } });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [DataRow(WindowCombination.Frames, WhisperContext.Exact30Seconds)]
    [DataRow(WindowCombination.Frames, WhisperContext.Trimmed)]
    [DataRow(WindowCombination.Probabilities, WhisperContext.Exact30Seconds)]
    [DataRow(WindowCombination.Probabilities, WhisperContext.Trimmed)]
    public void LoadOnnx_WhispersSilencePooled_SameScoresOfShortAndLongClips(
        WindowCombination combination, WhisperContext context)
    {
        foreach (string pooling in new[] { SpeechPooling.Mean, SpeechPooling.Attention, SpeechPooling.MeanStd })
        {
            Check(new OnnxCase
            {
                Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
                Task = SpeechTask.MultiLabel,
                Pooling = pooling,
                PoolsSilence = true,
                Context = context,
                LongAudio = new() { Length = 0.5, Overlap = 0.1, Combination = combination },
            }, context == WhisperContext.Exact30Seconds ? ShortAndLong() : Clips());
        }
    }

    [TestMethod]
    [DataRow(SpeechFeatureOutput.Pooled)]
    [DataRow(SpeechFeatureOutput.Frames)]
    public void LoadOnnx_Featuriser_SameFeatures(SpeechFeatureOutput output)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Scores.Data(mlContext, Clips());
        using SpeechEncodingTransformer model = mlContext.Transforms.EncodeSpeech(
            "Features", new SpeechEncodingOptions
            {
                Encoder = s_encoder,
                Output = output,
                LongAudio = new() { Length = 0.5, Overlap = 0.1 },
            }, "Audio").Fit(data);
        mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"));
        using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        AreSame(model, loaded, data, $"{output}");
    }

    [TestMethod]
    public void Save_Zip_LoadsAndScoresWithoutTheFile()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Scores.Data(mlContext, Clips());
        Dictionary<string, float[][]> expected;
        using (SpeechOnnxTransformer loaded = Load(mlContext, scratch, new OnnxCase { Encoder = s_encoder }))
        {
            expected = Scores.Of(loaded, data);
            // ML.NET writes no schema that holds audio alone.
            mlContext.Model.Save(loaded, null, scratch.At("model.zip"));
        }
        File.Delete(scratch.At("model.onnx"));
        ITransformer again = new MLContext().Model.Load(scratch.At("model.zip"), out _);
        Dictionary<string, float[][]> actual = Scores.Of(again, data);
        Assert.IsGreaterThan(0, actual.Count);
        foreach ((string column, float[][] rows) in expected)
        {
            CollectionAssert.AreEqual(rows.SelectMany(r => r).ToArray(), actual[column].SelectMany(r => r).ToArray());
        }
        (again as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Dispose_ThenUse_IsRefused()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Scores.Data(mlContext, Clips());
        SpeechOnnxTransformer loaded = Load(mlContext, scratch, new OnnxCase { Encoder = s_encoder });
        IDataView scored = loaded.Transform(data);
        loaded.Dispose();
        loaded.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => loaded.Transform(data));
        Assert.ThrowsExactly<ObjectDisposedException>(() => scored.GetColumn<float[]>("Score").ToArray());
    }

    [TestMethod]
    public void Transform_SeveralThreads_SameScores()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Scores.Data(mlContext, Clips());
        using SpeechOnnxTransformer loaded = Load(mlContext, scratch, new OnnxCase { Encoder = s_encoder });
        float[][] expected = Scores.Of(loaded, data)["Score"];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            float[][] actual = Scores.Of(loaded, data)["Score"];
            for (int i = 0; i < expected.Length; i++)
            {
                Scores.AreEqual(expected[i], actual[i], $"clip {i}", 1e-6);
            }
        });
    }

    [TestMethod]
    public void Transform_WrongRateOrTooShort_SaysWhatToDo()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        using SpeechOnnxTransformer loaded = Load(mlContext, scratch, new OnnxCase { Encoder = s_encoder });
        var rate = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Scores.Of(loaded, Scores.Data(mlContext, 8000, TinyEncoders.Clip(8000, 1))));
        StringAssert.Contains(rate.Message, "ResampleAudio(\"Audio\", 16000)");
        var length = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Scores.Of(loaded, Scores.Data(mlContext, TinyEncoders.Clip(20, 1))));
        StringAssert.Contains(length.Message, "samples at 16000 Hz for the encoder 'hubert', got 20");
    }

    // The tests' ONNX Runtime has no CUDA.
    [TestMethod]
    public void LoadOnnx_NoSuchGpu_RefusedOrOnTheCpu()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Scores.Data(mlContext, Clips());
        using SpeechOnnxTransformer cpu = Load(mlContext, scratch, new OnnxCase { Encoder = s_encoder });
        var gpu = new MLContext(seed: 1) { GpuDeviceId = 0, FallbackToCpu = true };
        using SpeechOnnxTransformer fallen = gpu.Speech().LoadOnnx(scratch.At("model.onnx"));
        CollectionAssert.AreEqual(Scores.Of(cpu, data)["Score"].SelectMany(s => s).ToArray(),
            Scores.Of(fallen, data)["Score"].SelectMany(s => s).ToArray());
        gpu.FallbackToCpu = false;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(
            () => gpu.Speech().LoadOnnx(scratch.At("model.onnx"))).Message, "expected CUDA device 0 (GpuDeviceId)");
    }

    [TestMethod]
    public void LoadOnnx_NoTorchSharp_NotEvenIndirectly()
    {
        var seen = new HashSet<string>();
        var open = new Queue<System.Reflection.Assembly>([typeof(SpeechOnnxTransformer).Assembly]);
        while (open.TryDequeue(out System.Reflection.Assembly? assembly))
        {
            foreach (System.Reflection.AssemblyName name in assembly.GetReferencedAssemblies())
            {
                if (name.Name!.StartsWith("SpeechML", StringComparison.Ordinal) && seen.Add(name.Name))
                {
                    open.Enqueue(System.Reflection.Assembly.Load(name));
                }
                Assert.AreNotEqual("TorchSharp", name.Name, assembly.FullName);
            }
        }
        CollectionAssert.AreEquivalent(new[] { "SpeechML.Data", "SpeechML.Audio" }, seen.ToArray());
    }

    internal static SpeechOnnxTransformer Load(MLContext mlContext, Scratch scratch, OnnxCase one)
    {
        using SpeechScoringTransformer model = one.Build(mlContext);
        mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"));
        return mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
    }

    internal static void AreSame(ITransformer model, ITransformer loaded, IDataView data, string what)
    {
        Assert.AreEqual(
            Describe(model.GetOutputSchema(data.Schema)), Describe(loaded.GetOutputSchema(data.Schema)), what);
        Dictionary<string, float[][]> expected = Scores.Of(model, data), actual = Scores.Of(loaded, data);
        foreach ((string column, float[][] rows) in expected)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                Scores.AreEqual(rows[i], actual[column][i], $"{what}, clip {i}, {column}");
            }
        }
    }

    private static float[][] Clips() =>
    [
        TinyEncoders.Clip(5000, 1), TinyEncoders.Clip(31_003, 2), TinyEncoders.Clip(1601, 3),
        TinyEncoders.Clip(17_000, 4),
    ];

    /// <summary>One window and three: each takes 30 seconds where it is padded to them.</summary>
    private static float[][] ShortAndLong() => [TinyEncoders.Clip(5000, 1), TinyEncoders.Clip(17_000, 4)];

    private static void Check(OnnxCase one, float[][]? clips = null)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        using SpeechScoringTransformer model = one.Build(mlContext);
        mlContext.Speech().SaveOnnx(model, scratch.At("model.onnx"));
        using SpeechOnnxTransformer loaded = mlContext.Speech().LoadOnnx(scratch.At("model.onnx"));
        AreSame(model, loaded, Scores.Data(mlContext, clips ?? Clips()), $"{one}");
    }

    // Every column with its type and annotations.
    private static string Describe(DataViewSchema schema) => string.Join('\n', schema.Select(c =>
        $"{c.Name} {c.IsHidden} {c.Type} " +
        string.Join("; ", c.Annotations.Schema.Select(a => $"{a.Name} {a.Type} {Value(c, a)}"))));

    private static string Value(DataViewSchema.Column column, DataViewSchema.Column annotation)
    {
        switch (annotation.Type)
        {
            case TextDataViewType:
                ReadOnlyMemory<char> text = default;
                column.Annotations.GetValue(annotation.Name, ref text);
                return text.ToString();
            case VectorDataViewType { ItemType: TextDataViewType }:
                VBuffer<ReadOnlyMemory<char>> texts = default;
                column.Annotations.GetValue(annotation.Name, ref texts);
                return string.Join(',', texts.DenseValues());
            default:
                return "";
        }
    }
}
