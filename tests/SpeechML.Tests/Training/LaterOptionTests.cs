using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Runs;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Tests.Training;

/// <summary>An option that is added changes nothing by its default: what was begun before it is resumed.</summary>
[TestClass]
public sealed class LaterOptionTests
{
    [TestMethod]
    public void DifferenceFrom_CheckpointBeforeAnOptionWasAdded_IsNoneAtItsDefault()
    {
        var options = new SpeechBinaryOptions { Layers = EncoderLayers.Last, Encoder = "e" };
        RunIdentity now = Identity(options), saved = Identity(options);
        saved.Options.Remove(nameof(options.Loss));
        Assert.IsNull(now.DifferenceFrom(saved.AsOf(options.GetType())));
        now.Options[nameof(options.Loss)] = "\"Other\"";
        Assert.AreEqual("option Loss: expected \"CrossEntropy\", got \"Other\"",
            now.DifferenceFrom(saved.AsOf(options.GetType())));
    }

    [TestMethod]
    public void Difference_RunFolderBeforeAnOptionWasAdded_IsNoneAtItsDefault()
    {
        var options = new SpeechBinaryOptions { Layers = EncoderLayers.Last, Encoder = "e" };
        JsonObject then = JsonSerializer.SerializeToNode(options, RunFiles.Json)!.AsObject();
        Assert.IsTrue(then.Remove("loss"));
        Assert.IsNull(Difference());
        options.BalancePositives = true;
        Assert.AreEqual(("BalancePositives", "false", "true"), Difference());

        (string, string, string)? Difference() => RunManifest.Difference(options.GetType(),
            JsonSerializer.SerializeToElement(then), JsonSerializer.SerializeToElement(options, RunFiles.Json));
    }

    private static RunIdentity Identity(SpeechTrainingOptions options) =>
        new(RunIdentity.Describe(options), 1, "a", 0, "", "w");
}
