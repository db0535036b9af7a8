using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Encoders.Kernels;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Tests.Transforms;

/// <summary>Weights of a loaded zip that lie in the zip's file.</summary>
[TestClass]
[DoNotParallelize]
[OSCondition(OperatingSystems.Linux)]
public sealed class MappedZipTests
{
    private const string Config = """
        {"model_type": "wavlm", "hidden_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4,
         "intermediate_size": 512, "feat_extract_norm": "group", "conv_bias": false,
         "conv_dim": [32, 32, 32, 32, 32, 32, 32], "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
         "conv_stride": [5, 2, 2, 2, 2, 2, 2], "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}
        """;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly IDataView _data = Prompts.View(new MLContext(seed: 1), 3);

    [TestMethod]
    public void Load_ZipOnDisk_SharesTheFilesPagesAndScoresToTheBit()
    {
        using var scratch = new Scratch();
        string zip = Save(scratch);
        FastPaths.Mapping = false;
        float[][] read;
        try
        {
            read = Features(zip);
        }
        finally
        {
            FastPaths.Mapping = true;
        }
        ITransformer model = _mlContext.Model.Load(zip, out _);
        using (model as IDisposable)
        {
            Assert.IsGreaterThan(0, Sizes(zip, "Rss"));
            float[][] mapped = Features(model);
            for (int i = 0; i < read.Length; i++)
            {
                CollectionAssert.AreEqual(read[i], mapped[i]);
            }
            Assert.IsGreaterThan(500, Sizes(zip, "Rss"), "the products' weights lie in the file");
            Assert.AreEqual(0, Sizes(zip, "Anonymous"), "no page was copied: all can be other processes' too");
        }
        Assert.AreEqual(0, Sizes(zip, "Size"), "disposed, it is unmapped");
    }

    [TestMethod]
    public void Save_OverTheZipThatItWasLoadedFrom_WritesTheSameModel()
    {
        using var scratch = new Scratch();
        string zip = Save(scratch);
        float[][] before = Features(zip);
        ITransformer model = _mlContext.Model.Load(zip, out DataViewSchema schema);
        using (model as IDisposable)
        {
            _mlContext.Model.Save(model, schema, zip);
            Compare(before, Features(model));
        }
        Compare(before, Features(zip));
    }

    [TestMethod]
    [DataRow(": > model.zip")]
    [DataRow("rm model.zip")]
    [DataRow("cp other.zip model.zip")]
    public void Transform_ZipChangedSinceItWasLoaded_IsAsBefore(string command)
    {
        using var scratch = new Scratch();
        string zip = Save(scratch);
        File.WriteAllBytes(scratch.At("other.zip"), new byte[new FileInfo(zip).Length]);
        ITransformer model = _mlContext.Model.Load(zip, out _);
        using (model as IDisposable)
        {
            float[][] before = Features(model);
            using (Process shell = Process.Start(
                new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = scratch.Folder })!)
            {
                shell.WaitForExit();
                Assert.AreEqual(0, shell.ExitCode);
            }
            Compare(before, Features(model));
        }
    }

    [TestMethod]
    public void Load_FileStream_IsMappedToo()
    {
        using var scratch = new Scratch();
        string zip = Save(scratch);
        ITransformer model;
        using (FileStream stream = File.OpenRead(zip))
        {
            model = _mlContext.Model.Load(stream, out _);
        }
        using (model as IDisposable)
        {
            Assert.IsGreaterThan(500, Sizes(zip, "Size"));
            Compare(Features(zip), Features(model));
        }
    }

    private string Save(Scratch scratch)
    {
        string folder = scratch.At("encoder");
        using JsonDocument config = JsonDocument.Parse(Config);
        using (SpeechEncoder encoder = EncoderLoader.Create(config.RootElement))
        {
            using var generator = new Generator(5);
            EncoderLoader.Fill(encoder, name => encoder.state_dict()[name] is { ndim: > 1 } weight
                ? randn(weight.shape, generator: generator).mul_(0.1) : ones(encoder.state_dict()[name].shape));
            EncoderFolder.Save(encoder, folder);
        }
        using var model = PromptAudio.Whole(_mlContext)
            .Append(_mlContext.Transforms.EncodeSpeech("Features", folder)).Fit(_data);
        _mlContext.Model.Save(model, _data.Schema, scratch.At("model.zip"));
        return scratch.At("model.zip");
    }

    private float[][] Features(string zip)
    {
        ITransformer model = _mlContext.Model.Load(zip, out _);
        using (model as IDisposable)
        {
            return Features(model);
        }
    }

    private float[][] Features(ITransformer model) =>
        [.. model.Transform(_data).GetColumn<float[]>("Features")];

    private static void Compare(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], actual[i]);
        }
    }

    /// <summary>What Linux says of the mappings of a file, kB.</summary>
    private static long Sizes(string file, string field)
    {
        long sum = 0;
        bool isOfFile = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains('-') && !line.Contains("kB", StringComparison.Ordinal) && !line.StartsWith("VmF",
                StringComparison.Ordinal))
            {
                isOfFile = line.EndsWith(file, StringComparison.Ordinal);
            }
            else if (isOfFile && line.StartsWith(field + ":", StringComparison.Ordinal))
            {
                sum += long.Parse(line[(field.Length + 1)..^2], CultureInfo.InvariantCulture);
            }
        }
        return sum;
    }
}
