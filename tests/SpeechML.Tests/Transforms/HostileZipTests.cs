using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Transforms;

/// <summary>What a model zip says of sizes is compared with the bytes there are before anything is made.</summary>
[TestClass]
public sealed class HostileZipTests
{
    private static readonly Lazy<IDisposable> s_warm = new(() => (IDisposable)new MLContext(seed: 1).Model.Load(
        Path.Combine(RepositoryFiles.Fixtures, "old-zips", "classification.zip"), out _));

    [TestMethod]
    [DataRow("soft-prompt.zip", "softPrompt.tokens", "100000000", "softPrompt")]
    [DataRow("soft-prompt.zip", "softPrompt.tokens", "1000", "prompt.embedding")]
    [DataRow("classification.zip", "head.hiddenLayers", "2147483647", "head.hiddenLayers")]
    [DataRow("classification.zip", "head.hiddenLayers", "8", "head.stacks.0")]
    [DataRow("frame-transformer.zip", "head.frameLayers", "1000000", "head.frameLayers")]
    [DataRow("lora.zip", "lora.rank", "1000000", "lora.A")]
    [DataRow("classification.zip", "encoderConfig.num_hidden_layers", "300000", "num_hidden_layers")]
    [DataRow("classification.zip", "encoderConfig.hidden_size", "32768", "32768")]
    [DataRow("classification.zip", "builtLayers", "999", "builtLayers")]
    [DataRow("classification.zip", "outputs", "500000000", "outputs")]
    [DataRow("classification.zip", "outputs", "0", "outputs")]
    [DataRow("ordinal-coral.zip", "outputs", "500000000", "outputs")]
    [DataRow("features-frames.zip", "layer", "999", "layer")]
    [DataRow("weighted-layers-attention.zip", "layers", "[0, 999]", "layers")]
    [DataRow("weighted-layers-attention.zip", "layers", "[1, 0]", "layers")]
    [DataRow("classification.zip", "pooling", "77", "pooling")]
    [DataRow("classification.zip", "features.sampleRate", "0", "sampleRate")]
    [DataRow("classification.zip", "labels", "null", "labels")]
    [DataRow("classification.zip", "labels.values", "[\"a\"]", "labels")]
    [DataRow("multi-label.zip", "labels.values", "[null]", "labels")]
    [DataRow("ordinal-corn.zip", "labels.values", "[\"1\", \"2\"]", "labels")]
    [DataRow("classification.zip", "labels.type", "\"Int77\"", "labels")]
    [DataRow("classification.zip", "head", "null", "head")]
    [DataRow("regression.zip", "outputs", "2", "outputs")]
    public void Load_FieldThatTheWeightsDoNotBear_IsRefusedByName(
        string zip, string field, string value, string named)
    {
        byte[] changed = Change(zip, "model.json", bytes =>
        {
            JsonNode json = JsonNode.Parse(bytes)!;
            string[] path = field.Split('.');
            JsonNode parent = path[..^1].Aggregate(json, (node, part) => node[part]!);
            parent[path[^1]] = JsonNode.Parse(value);
            return Encoding.UTF8.GetBytes(json.ToJsonString());
        });
        Exception error = Refused(changed);
        Assert.IsTrue(error is FormatException or CheckpointException, error.ToString());
        StringAssert.Contains(error.Message, named);
    }

    [TestMethod]
    [DataRow("multi-label-platt-thresholds.zip", "SPCHTHRE", 2_000_000_000, "thresholds")]
    [DataRow("multi-label-platt-thresholds.zip", "SPCHTHRE", -1, "thresholds")]
    [DataRow("multi-label-platt-thresholds.zip", "SPCHCALI", 2_000_000_000, "calibrated labels")]
    [DataRow("multi-label-platt-thresholds.zip", "SPCHCALI", -1, "calibrated labels")]
    [DataRow("fused-multi-label.zip", "SPCHFUSE", 2_000_000_000, "fused models")]
    [DataRow("fused-multi-label.zip", "SPCHFUSE", -1, "fused models")]
    public void Load_CountThatTheEntryDoesNotHold_IsRefusedByName(string zip, string signature, int count, string named)
    {
        // After two or three names (numbers of strings) and, but for the calibration, a byte.
        int at = signature == "SPCHCALI" ? 12 : 9;
        byte[] changed = Change(zip, "Model.key", bytes =>
        {
            if (Encoding.ASCII.GetString(bytes).Contains(signature, StringComparison.Ordinal))
            {
                int start = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16));
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(start + at), count);
            }
            return bytes;
        });
        Exception error = Refused(changed);
        Assert.IsInstanceOfType<FormatException>(error);
        StringAssert.Contains(error.Message, $"{named}: expected 1 to ");
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Load_WeightThatIsNoNumber_IsRefusedByName(float value)
    {
        byte[] changed = Change("classification.zip", "weights.safetensors", bytes => With(bytes, value));
        Exception error = Refused(changed);
        Assert.AreEqual("head.stacks.0.layers.0.weight", ((CheckpointException)error).Tensor);
        StringAssert.Contains(error.Message, "expected finite numbers");
    }

    [TestMethod]
    public void Load_TextThatUnpacksToMuch_IsRefusedUnread()
    {
        byte[] changed = Change("classification.zip", "model.json", bytes => [.. bytes, .. new byte[100 << 20]],
            CompressionLevel.Fastest);
        Assert.IsLessThan(2 << 20, changed.Length);
        StringAssert.Contains(Refused(changed).Message, "'model.json': expected at most");
    }

    private static byte[] With(byte[] weights, float value)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(string, Tensor)> tensors = [];
        using (SafetensorsFile file = SafetensorsFile.Open(new MemoryStream(weights), "weights"))
        {
            foreach (string name in file.Entries.Keys)
            {
                Tensor tensor = file.Read(name).to(ScalarType.Float32);
                if (name == "head.stacks.0.layers.0.weight")
                {
                    tensor[0, 0] = value;
                }
                tensors.Add((name, tensor));
            }
        }
        using var written = new MemoryStream();
        SafetensorsFile.Write(written, tensors);
        return written.ToArray();
    }

    private static byte[] Change(
        string zip, string entry, Func<byte[], byte[]> change,
        CompressionLevel compression = CompressionLevel.NoCompression)
    {
        using var changed = new MemoryStream();
        using (ZipArchive source = ZipFile.OpenRead(Path.Combine(RepositoryFiles.Fixtures, "old-zips", zip)))
        using (var target = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry one in source.Entries)
            {
                using var bytes = new MemoryStream();
                using (Stream stream = one.Open())
                {
                    stream.CopyTo(bytes);
                }
                byte[] content = one.FullName.EndsWith(entry, StringComparison.Ordinal)
                    ? change(bytes.ToArray()) : bytes.ToArray();
                using Stream written = target.CreateEntry(one.FullName, compression).Open();
                written.Write(content);
            }
        }
        return changed.ToArray();
    }

    /// <summary>The refusal, which came quickly and without much memory.</summary>
    private static Exception Refused(byte[] zip)
    {
        Exception? refused = null;
        // The native library is loaded once; it is none of a zip's memory.
        TorchNativeLibrary.EnsureLoaded();
        s_warm.Value.Dispose();
        long before = BoundedLoad.PeakResident();
        var bounded = new BoundedLoad(typeof(Exception));
        bounded.Run(zip.Length, "zip", () =>
        {
            using var stream = new MemoryStream(zip);
            refused = BoundedLoad.Cause(
                Assert.Throws<Exception>(() => new MLContext(seed: 1).Model.Load(stream, out _)));
        });
        bounded.AssertNoFaults();
        // A file's weights are read where they lie: what is wrong with them is said in the same words.
        using var scratch = new Scratch();
        File.WriteAllBytes(scratch.At("model.zip"), zip);
        Exception ofFile = BoundedLoad.Cause(
            Assert.Throws<Exception>(() => new MLContext(seed: 1).Model.Load(scratch.At("model.zip"), out _)));
        Assert.AreEqual(refused!.GetType(), ofFile.GetType());
        Assert.AreEqual(refused.Message, ofFile.Message);
        Assert.IsLessThan((64L << 20) + (4L * zip.Length), BoundedLoad.PeakResident() - before);
        return refused!;
    }
}
