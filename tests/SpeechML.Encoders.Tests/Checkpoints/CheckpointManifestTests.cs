using System.Text.Json;
using System.Text.RegularExpressions;
using SpeechML.TestSupport;
using TorchSharp;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>Every file of <c>checkpoints/manifest.json</c> loads or is refused, as it says.</summary>
[TestClass]
public sealed partial class CheckpointManifestTests
{
    private const string Absent = "(no checkpoints/manifest.json)";

    public static IEnumerable<object[]> Loads => Items("loads");

    /// <summary>Those of <see cref="Loads"/> that are whole encoders.</summary>
    public static IEnumerable<object[]> Encoders
    {
        get
        {
            List<object[]> cases = [.. Loads.Where(path => (string)path[0] != Absent
                && File.Exists(Golden.At("checkpoints", (string)path[0], "config.json")))];
            return cases.Count > 0 ? cases : [[Absent]];
        }
    }

    public static IEnumerable<object[]> Refused => Items("refused");

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Loads))]
    public void Open_GoodFile_EqualsReference(string path)
    {
        JsonElement item = Item("loads", path);
        string how = item.GetProperty("how").GetString()!;
        torch.ScalarType? rounded = RoundedTo(how);
        using SafetensorsFile expected =
            SafetensorsFile.Open(Golden.At("checkpoints", item.GetProperty("equal_to").GetString()!));
        (string Loaded, string Reference)[] renames = Renames(item);

        using Loaded loaded = Loaded.Open(Golden.At("checkpoints", path));

        string Renamed(string name)
        {
            foreach ((string suffix, string reference) in renames)
            {
                if (name.EndsWith(suffix, StringComparison.Ordinal))
                {
                    return name[..^suffix.Length] + reference;
                }
            }
            return name;
        }
        CollectionAssert.AreEquivalent(expected.Entries.Keys.ToArray(), loaded.Tensors.Keys.Select(Renamed).ToArray());
        foreach (string name in loaded.Tensors.Keys)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor got = loaded.Read(name);
            torch.Tensor want = expected.Read(Renamed(name));
            if (rounded is { } type && want.is_floating_point())
            {
                Assert.AreEqual(type, got.dtype, name);
                torch.ScalarType wide = want.dtype;
                want = want.to(type).to(wide);
                got = got.to(wide);
            }
            Assert.AreEqual(want.dtype, got.dtype, name);
            CollectionAssert.AreEqual(want.shape, got.shape, name);
            CollectionAssert.AreEqual(want.shape, loaded.Tensors[name].Shape, name);
            Assert.IsTrue(got.is_contiguous(), name);
            Assert.IsTrue(want.numel() == 0 || want.bytes.SequenceEqual(got.bytes),
                $"{name}: other bytes than the reference");
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Encoders))]
    public void Load_EncoderFolder_EveryParameterAsBase(string path)
    {
        JsonElement item = Item("loads", path);
        torch.ScalarType? rounded = RoundedTo(item.GetProperty("how").GetString()!);
        using SpeechEncoder expected =
            EncoderLoader.Load(Path.GetDirectoryName(
            Golden.At("checkpoints", item.GetProperty("equal_to").GetString()!))!);
        using SpeechEncoder loaded = EncoderLoader.Load(Golden.At("checkpoints", path));

        Dictionary<string, torch.Tensor> wanted = expected.state_dict();
        Dictionary<string, torch.Tensor> values = loaded.state_dict();
        Assert.IsNotEmpty(wanted);
        CollectionAssert.AreEquivalent(wanted.Keys, values.Keys);
        foreach ((string name, torch.Tensor got) in values)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor want = wanted[name];
            if (rounded is { } type && want.is_floating_point())
            {
                want = want.to(type).to(want.dtype);
            }
            Assert.AreEqual(want.dtype, got.dtype, name);
            Assert.IsTrue(want.equal(got).all().item<bool>(), $"{name}: other values than the base's");
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Refused))]
    public void Open_BadFile_IsRefusedWithItsName(string path)
    {
        JsonElement item = Item("refused", path);
        string full = Golden.At("checkpoints", path);
        string before = Directory.GetCurrentDirectory();
        string scratch = Directory.CreateTempSubdirectory("speechml-pwned").FullName;
        Directory.SetCurrentDirectory(scratch);
        try
        {
            using Loaded loaded = Loaded.Open(full);
            foreach (string name in loaded.Tensors.Keys)
            {
                loaded.Read(name).Dispose();
            }
            // A sound container whose tensors do not fit its config.json: the encoder's loader refuses it, not the
            // reader.
            if (item.TryGetProperty("kind", out JsonElement kind) && kind.GetString() == "wrong model")
            {
                CheckpointException refusal =
                    Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(full).Dispose());
                StringAssert.StartsWith(refusal.Message, $"'{refusal.File}': tensor '{refusal.Tensor}': expected ");
                StringAssert.StartsWith(refusal.File, full);
                Assert.IsTrue(File.Exists(refusal.File), refusal.File);
                Assert.AreEqual(refusal.Message.EndsWith(", got no such tensor.", StringComparison.Ordinal),
                    !loaded.Tensors.ContainsKey(refusal.Tensor!), refusal.Message);
                return;
            }
            Assert.Fail($"Loads, but must be refused: {item.GetProperty("reason").GetString()}");
        }
        catch (CheckpointException error)
        {
            StringAssert.Contains(error.Message, Path.GetFileName(full));
            StringAssert.Contains(error.Message, ": expected ");
            StringAssert.Contains(error.Message, ", got ");
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            string[] left = Directory.GetFileSystemEntries(scratch);
            Directory.Delete(scratch, recursive: true);
            CollectionAssert.AreEqual(Array.Empty<string>(), left, "Reading the file created files.");
        }
    }

    private static IEnumerable<object[]> Items(string list) => File.Exists(Golden.At("checkpoints", "manifest.json"))
        ? Golden.Json("checkpoints", "manifest.json").GetProperty(list).EnumerateArray()
            .Select(i => new object[] { i.GetProperty("path").GetString()! })
        : [[Absent]];

    private static JsonElement Item(string list, string path)
    {
        if (path == Absent)
        {
            Assert.Inconclusive($"No checkpoints in {Golden.Folder}");
        }
        return Golden.Json("checkpoints", "manifest.json").GetProperty(list).EnumerateArray()
            .First(i => i.GetProperty("path").GetString() == path);
    }

    private static torch.ScalarType? RoundedTo(string how)
    {
        if (how == "exact")
        {
            return null;
        }
        switch (RoundingPattern().Match(how).Groups[1].Value)
        {
            case "float16":
                return torch.ScalarType.Float16;
            case "bfloat16":
                return torch.ScalarType.BFloat16;
            default:
                Assert.Inconclusive($"Comparison not built: {how}");
                return null;
        }
    }

    private static (string Loaded, string Reference)[] Renames(JsonElement item) =>
        item.TryGetProperty("note", out JsonElement note) && note.ValueKind == JsonValueKind.Object
            && note.TryGetProperty("names", out JsonElement names)
            ? [.. names.EnumerateObject().Select(n => (n.Name.TrimStart('…'), n.Value.GetString()!.TrimStart('…')))]
            : [];

    [GeneratedRegex(@"^exact after rounding the base to torch\.(\w+)")]
    private static partial Regex RoundingPattern();

    /// <summary>A model folder or a single file, told by the path's ending.</summary>
    private sealed record Loaded(
        IReadOnlyDictionary<string, TensorEntry> Tensors, Func<string, torch.Tensor> Read, IDisposable Owner)
        : IDisposable
    {
        public static Loaded Open(string path)
        {
            switch (Path.GetExtension(path))
            {
                case ".safetensors":
                    SafetensorsFile safetensors = SafetensorsFile.Open(path);
                    return new Loaded(safetensors.Entries, safetensors.Read, safetensors);
                case ".bin":
                    TorchPickleFile pickle = TorchPickleFile.Open(path);
                    return new Loaded(pickle.Entries, pickle.Read, pickle);
                default:
                    CheckpointFolder folder = CheckpointFolder.Open(path);
                    return new Loaded(folder.Tensors, folder.Read, folder);
            }
        }

        public void Dispose() => Owner.Dispose();
    }
}
