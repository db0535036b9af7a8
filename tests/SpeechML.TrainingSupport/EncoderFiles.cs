using System.Text.Json.Nodes;

namespace SpeechML.TrainingSupport;

/// <summary>What written encoder folders hold.</summary>
internal static class EncoderFiles
{
    /// <summary>The tensors of the encoder in one file are those of the other: names, types, shapes, bytes.</summary>
    /// <param name="expected">The file of the reference.</param>
    /// <param name="actual">What was written.</param>
    /// <param name="prefix">What stands before the encoder's names in the reference.</param>
    /// <param name="keepsPrefix">Whether it stands before them in the other file, too.</param>
    public static void AssertSameTensors(string expected, string actual, string prefix, bool keepsPrefix = true)
    {
        using SafetensorsFile want = SafetensorsFile.Open(expected);
        using SafetensorsFile got = SafetensorsFile.Open(actual);
        string written = keepsPrefix ? prefix : "";
        CollectionAssert.AreEqual(
            want.Entries.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal))
                .Select(n => written + n[prefix.Length..]).Order(StringComparer.Ordinal).ToArray(),
            got.Entries.Keys.Order(StringComparer.Ordinal).ToArray());
        foreach ((string name, TensorEntry entry) in got.Entries)
        {
            string source = prefix + name[written.Length..];
            Assert.AreEqual(want.Entries[source].DType, entry.DType, name);
            CollectionAssert.AreEqual(want.Entries[source].Shape, entry.Shape, name);
            CollectionAssert.AreEqual(want.ReadBytes(source), got.ReadBytes(name), name);
        }
        Assert.AreEqual(want.Metadata["format"], got.Metadata["format"]);
    }

    public static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
