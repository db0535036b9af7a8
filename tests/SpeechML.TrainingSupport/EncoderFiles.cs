using System.Text.Json.Nodes;

namespace SpeechML.TrainingSupport;

/// <summary>What written encoder folders hold.</summary>
internal static class EncoderFiles
{
    /// <summary>The tensors of the encoder in one file are those of the other: names, types, shapes, bytes.</summary>
    public static void AssertSameTensors(string expected, string actual, string prefix)
    {
        using SafetensorsFile want = SafetensorsFile.Open(expected);
        using SafetensorsFile got = SafetensorsFile.Open(actual);
        CollectionAssert.AreEqual(
            want.Entries.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ToArray(), got.Entries.Keys.Order(StringComparer.Ordinal).ToArray());
        foreach ((string name, TensorEntry entry) in got.Entries)
        {
            Assert.AreEqual(want.Entries[name].DType, entry.DType, name);
            CollectionAssert.AreEqual(want.Entries[name].Shape, entry.Shape, name);
            CollectionAssert.AreEqual(want.ReadBytes(name), got.ReadBytes(name), name);
        }
        Assert.AreEqual(want.Metadata["format"], got.Metadata["format"]);
    }

    public static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
