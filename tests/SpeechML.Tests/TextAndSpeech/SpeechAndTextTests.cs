using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.NasBert;
using Microsoft.ML.Transforms;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.TextAndSpeech;

/// <summary>Our trainer on the recording and ML.NET's text classification on a transcript, in one chain.</summary>
[TestClass]
public sealed class SpeechAndTextTests
{
    private static readonly Scratch s_scratch = new();
    private static readonly List<PromptRow> s_prompts = Prompts.Rows(8);

    [ClassInitialize]
    public static void WriteWeights(TestContext _) => TextWeights.Write(s_scratch.Folder);

    [ClassCleanup]
    public static void Clean() => s_scratch.Dispose();

    [TestMethod]
    public void Fit_SpeechAndText_OneZipScoresAlikeElsewhere()
    {
        var mlContext = new MLContext(seed: 1) { TempFilePath = s_scratch.Folder };
        IDataView rows = Rows(mlContext);
        using var model = Speech(mlContext).Append(Text(mlContext))
            .Append(mlContext.Transforms.Expression("TextOdds", "x => exp(x)", "TextScore"))
            .Append(mlContext.Transforms.NormalizeLpNorm(
                "TextProbability", "TextOdds", LpNormNormalizingEstimatorBase.NormFunction.L1))
            .Append(mlContext.Speech().Multiclass.Fuse("Probability", ["Score", "TextProbability"]))
            .Fit(rows);
        IDataView scored = model.Transform(rows);
        float[][] speech = [.. scored.GetColumn<float[]>("Score")],
            text = [.. scored.GetColumn<float[]>("TextProbability")],
            fused = [.. scored.GetColumn<float[]>("Probability")];

        for (int i = 0; i < fused.Length; i++)
        {
            Assert.AreEqual(1, text[i].Sum(), 1e-5);
            for (int k = 0; k < fused[i].Length; k++)
            {
                Assert.AreEqual((speech[i][k] + text[i][k]) / 2, fused[i][k], 1e-6);
            }
        }
        Assert.IsTrue(text.Skip(1).Any(t => !t.SequenceEqual(text[0])), "the text decides nothing");

        string zip = s_scratch.At("both.zip");
        mlContext.Model.Save(model, rows.Schema, zip);
        float[][] elsewhere = OtherProcess.Score(zip, s_prompts.Select(p => p.Path), "Probability");

        for (int i = 0; i < fused.Length; i++)
        {
            CollectionAssert.AreEqual(fused[i], elsewhere[i]);
        }
    }

    /// <summary>The text trainer sets torch's global seed at every epoch and row: no random number of ours is drawn
    /// from there.</summary>
    [TestMethod]
    public void Fit_BesideText_SpeechWeightsAreThoseOfAFitAlone()
    {
        var mlContext = new MLContext(seed: 1) { TempFilePath = s_scratch.Folder };
        IDataView rows = Rows(mlContext);
        using var alone = Speech(mlContext).Fit(rows);

        using var beside = Text(mlContext).Append(Speech(mlContext)).Fit(rows);

        CollectionAssert.AreEqual(Weights(mlContext, alone, rows), Weights(mlContext, beside, rows));
    }

    /// <summary>That it trains, and not only runs.</summary>
    [TestMethod]
    public void Fit_TextAlone_SecondEpochChangesScores()
    {
        float[] After(int epochs)
        {
            var mlContext = new MLContext(seed: 1) { TempFilePath = s_scratch.Folder };
            IDataView rows = Rows(mlContext);
            using var model = (TextClassificationTransformer)Text(mlContext, epochs).Fit(rows);
            return model.Transform(rows).GetColumn<float[]>("TextScore").First();
        }

        float[] one = After(1), two = After(2);

        Assert.IsTrue(one.Zip(two).All(p => float.IsFinite(p.First) && p.First != p.Second),
            $"{string.Join(' ', one)} and {string.Join(' ', two)}");
    }

    /// <summary>The sample as a user starts it, in a process of its own: with and without weights.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Sample_TinyEncoder_EndsWell(bool pretrained)
    {
        string zip = s_scratch.At($"sample-{pretrained}.zip");
        string[] arguments = [zip, RepositoryFiles.TinyEncoder("hubert-base-like")];

        string output = ChildProgram.Succeed(
            RepositoryFiles.SpeechAndText, pretrained ? [.. arguments, "--pretrained"] : arguments,
            start => start.Environment["TMPDIR"] = start.Environment["TEMP"] = s_scratch.Folder);

        Assert.Contains("Probability", output);
        Assert.IsTrue(File.Exists(zip));
    }

    /// <summary>The rule that both share: the CPU where a GPU is named and there is none, or an error.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void GpuDeviceId_NoGpu_BothFallBackOrRefuse(bool fallback)
    {
        TorchNativeLibrary.EnsureLoaded();
        if (TorchSharp.torch.cuda_is_available())
        {
            Assert.Inconclusive("There is a GPU.");
        }
        var mlContext = new MLContext(seed: 1)
        {
            TempFilePath = s_scratch.Folder,
            GpuDeviceId = 0,
            FallbackToCpu = fallback,
        };
        IDataView rows = Rows(mlContext);

        IEstimator<ITransformer>[] both = [Speech(mlContext), Text(mlContext)];
        foreach (IEstimator<ITransformer> trainer in both)
        {
            if (fallback)
            {
                (trainer.Fit(rows) as IDisposable)?.Dispose();
            }
            else
            {
                Exception error = Assert.Throws<Exception>(() => trainer.Fit(rows));
                Assert.Contains("GPU", error.Message);
            }
        }
    }

    private static IDataView Rows(MLContext mlContext)
    {
        IDataView rows = mlContext.Data.LoadFromEnumerable(
            s_prompts.Select(p => new Row { Path = p.Path, Text = p.Path, Label = p.Label }));
        return mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
    }

    private static EstimatorChain<SpeechClassificationTransformer> Speech(MLContext mlContext) =>
        PromptAudio.Pipeline(mlContext).Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", SmallRuns.Options()));

    private static IEstimator<ITransformer> Text(MLContext mlContext, int epochs = 1) =>
        mlContext.MulticlassClassification.Trainers.TextClassification(
            "Label", "TextScore", "TextLabel", "Text", batchSize: 8, maxEpochs: epochs);

    private static byte[] Weights(MLContext mlContext, ITransformer model, IDataView rows)
    {
        using var zip = new MemoryStream();
        mlContext.Model.Save(model, rows.Schema, zip);
        using var archive = new ZipArchive(zip);
        using Stream weights = archive.Entries.Single(e => e.Name == "weights.safetensors").Open();
        using var bytes = new MemoryStream();
        weights.CopyTo(bytes);
        return bytes.ToArray();
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
