using System.Text.Json.Nodes;
using SpeechML.Model;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

[TestClass]
public sealed class ModelManifestTests
{
    [TestMethod]
    [DataRow("{ \"format\": 2 }", 2, "It was written by a newer version of SpeechML.")]
    [DataRow("{ }", 0, "model.json is damaged or of another program.")]
    public void Parse_FormatThatIsNotKnown_Refused(string json, int format, string reason)
    {
        FormatException error = Assert.ThrowsExactly<FormatException>(() => ModelManifest.Parse(json));
        Assert.AreEqual($"Speech model in the zip: expected format 1 to 1, got {format}. {reason}", error.Message);
    }

    [TestMethod]
    public void Parse_RecordedOptions_AreKeptAsTheyAreAndNotRead()
    {
        JsonObject json = JsonNode.Parse(SmallRuns.Facts(
            Path.Combine(RepositoryFiles.Fixtures, "old-zips", "classification.zip")))!.AsObject();
        // What no version of ours has written; reading it as options would fail.
        json["options"] = new JsonObject { ["epochs"] = "many", ["ofAnotherTime"] = new JsonArray(1, 2) };
        JsonNode kept = JsonNode.Parse(ModelManifest.Parse(json.ToJsonString()).ToJson())!;
        Assert.IsTrue(JsonNode.DeepEquals(json["options"], kept["options"]), kept["options"]!.ToJsonString());
        json["options"] = "text";
        _ = Assert.ThrowsExactly<FormatException>(() => ModelManifest.Parse(json.ToJsonString()));
    }
}
