using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.Audio.Common;
using SpeechML.Encoders;
using SpeechML.Encoders.Native;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Tests.Hub;

/// <summary>
/// Configurations and weights of each class with damage: loaded or refused, never with a head that is not the file's,
/// and never with more memory than the file has.
/// </summary>
[TestClass]
public sealed class HubMutationTests
{
    // The parsed texts of a configuration and of a header, many times over; a file has 0.3 MB.
    private const long MostBytes = 64 << 20;

    // Tensors are not the collector's; its own heap may grow beside them.
    private const long MostResident = 128 << 20;

    private const string Drawn = "drawn head on ";

    private static readonly string[] s_files = ["config.json", "model.safetensors", "adapter_config.json",
        "adapter_model.safetensors"];

    private static readonly string[] s_values =
    [
        "null", "true", "false", "-1", "0", "1", "3", "1e300", "2147483647", "99999999999", "0.5", "\"\"", "\"x\"",
        "[]", "[1]", "[5, 3, 3]", "[2147483647, 2147483647, 3, 3, 3]", "{}", "{\"0\": \"a\"}",
        "{\"0\": \"a\", \"1\": \"a\"}",
        "[\"HubertForSequenceClassification\"]", "[\"WavLMForXVector\"]", "[\"HubertForCTC\"]", "\"max\"",
        "\"regression\"", "\"multi_label_classification\"", "\"single_label_classification\"",
    ];

    // Where a head's fault would be, beside fields chosen at random.
    private static readonly string[] s_fields =
    [
        "architectures", "id2label", "num_labels", "problem_type", "classifier_proj_size", "use_weighted_layer_sum",
        "pooling_mode", "tdnn_dim", "tdnn_kernel", "tdnn_dilation", "xvector_output_dim", "hidden_size",
        "num_hidden_layers", "encoder_layers", "modules_to_save", "base_model_name_or_path", "auto_mapping",
    ];

    private static readonly string s_folder = Path.Combine(RepositoryFiles.Fixtures, "golden", "classifiers");

    private readonly MLContext _context = new(seed: 1);

    /// <summary>Classifiers of Python, and one of each family with a head that was drawn.</summary>
    public static IEnumerable<object[]> Names =>
        Directory.EnumerateDirectories(s_folder).Order(StringComparer.Ordinal).Select(d => Path.GetFileName(d))
            .Concat(TinyEncoders.Names().Select(n => Drawn + n[0])).Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Load_FewMutations_AreLoadedOrRefused(string name) => Mutate(name, 5);

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Names))]
    public void Load_ManyMutations_AreLoadedOrRefused(string name) => Mutate(name, 2_000);

    private void Mutate(string name, int count)
    {
        using var scratch = new Scratch();
        string model = name.StartsWith(Drawn, StringComparison.Ordinal)
            ? Draw(name[Drawn.Length..], scratch) : Path.Combine(s_folder, name);
        bool adapted = Directory.Exists(Path.Combine(model, "adapter"));
        string folder = scratch.At("model"), adapter = Path.Combine(folder, "adapter");
        Copy(adapted ? Path.Combine(model, "base") : model, folder);
        if (adapted)
        {
            Copy(Path.Combine(model, "adapter"), adapter);
        }
        string[] files = [.. new[] { folder, adapter }.SelectMany(f => s_files.Select(n => Path.Combine(f, n)))
            .Where(File.Exists)];
        Dictionary<string, byte[]> originals = files.ToDictionary(f => f, File.ReadAllBytes);
        int loaded = 0;
        for (int i = 0; i < count; i++)
        {
            var random = new SeededRandom((ulong)i);
            string file = files[random.Next(files.Length)];
            byte[] changed = file.EndsWith(".json", StringComparison.Ordinal) && random.Next(4) > 0
                ? Json(originals[file], random) : Bytes(originals[file], random);
            File.WriteAllBytes(file, changed);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ResidentMemory.ResetPeak();
            long resident = ResidentMemory.Peak;
            try
            {
                string weights = Load(adapted ? adapter : folder, name, seed: 1);
                loaded++;
                // What is drawn differs with the seed.
                Assert.AreEqual(weights, Load(adapted ? adapter : folder, name, seed: 2), $"mutation {i}");
            }
            catch (Exception error) when (
                error is CheckpointException or InvalidDataException or ArgumentException or HubException)
            {
                Assert.IsGreaterThan(20, error.Message.Length, $"mutation {i}");
            }
            catch (Exception error) when (error is not UnitTestAssertException)
            {
                Assert.Fail($"Mutation {i} of '{Path.GetFileName(file)}': {error}");
            }
            Assert.IsLessThan(MostBytes, GC.GetAllocatedBytesForCurrentThread() - before, $"mutation {i}");
            Assert.IsLessThan(MostResident, ResidentMemory.Peak - resident, $"mutation {i}, resident memory");
            File.WriteAllBytes(file, originals[file]);
        }
        Assert.IsLessThan(count, loaded);
    }

    /// <summary>The hash of the weights.</summary>
    private string Load(string folder, string name, int seed)
    {
        _ = manual_seed(seed);
        // Offline: a name that is none of a folder must not be looked for anywhere.
        if (name.Contains("xvector", StringComparison.Ordinal))
        {
            IDataView data = HubModels.View(_context, []);
            using SpeechEncodingTransformer voices = _context.Transforms.EmbedSpeaker("Voice", folder).Fit(data);
            return Fingerprint.OfWeights(voices.Model.Network);
        }
        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(folder);
        return Fingerprint.OfWeights(model.Model.Network);
    }

    private static string Draw(string name, Scratch scratch)
    {
        string folder = scratch.At("drawn");
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        FamilyHeads.Write(encoder, FamilyHeads.Draw(EncoderFamily.Of(encoder), encoder.Config.HiddenSize), folder,
            scratch.At("alone"));
        return folder;
    }

    private static byte[] Json(byte[] original, SeededRandom random)
    {
        JsonObject json = JsonNode.Parse(original)!.AsObject();
        string[] own = [.. json.Select(f => f.Key)];
        string field = random.Next(2) == 0 ? s_fields[random.Next(s_fields.Length)] : own[random.Next(own.Length)];
        if (random.Next(5) == 0)
        {
            json.Remove(field);
        }
        else
        {
            json[field] = JsonNode.Parse(s_values[random.Next(s_values.Length)]);
        }
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static byte[] Bytes(byte[] original, SeededRandom random)
    {
        byte[] changed = [.. original];
        // Most of a file of weights is values, of which nearly all are right.
        int range = Math.Min(changed.Length, 6_000);
        switch (random.Next(4))
        {
            case 0:
                return changed[..random.Next(changed.Length)];
            case 1:
                return [.. changed, .. changed[..random.Next(100)]];
            default:
                for (int k = 0; k <= random.Next(4); k++)
                {
                    changed[random.Next(range)] = (byte)random.Next(256);
                }
                return changed;
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
