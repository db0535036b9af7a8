using SpeechML.Model;

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
}
