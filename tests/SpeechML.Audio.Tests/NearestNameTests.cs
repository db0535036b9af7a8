using SpeechML.Audio.Options;

namespace SpeechML.Audio.Tests;

/// <summary>What is offered for a name that is unknown, and where nothing is.</summary>
[TestClass]
public sealed class NearestNameTests
{
    private static readonly string[] s_verbs =
        ["check", "train", "evaluate", "predict", "sweep", "report", "export", "compare", "explain", "measure"];

    private static readonly string[] s_options =
    [
        "--trainer.epochs", "--trainer.head-learning-rate", "--trainer.encoder-learning-rate", "--trainer.loss",
        "--trainer.lora.rank", "--trainer.head.dropout", "--model", "--output", "--features",
    ];

    [TestMethod]
    [DataRow("trian", "train")]
    [DataRow("eval", "evaluate")]
    [DataRow("predcit", "predict")]
    [DataRow("Training", "train")]
    [DataRow("reprot", "report")]
    [DataRow("score", "")]
    [DataRow("test", "")]
    [DataRow("infer", "")]
    [DataRow("fit", "")]
    [DataRow("x", "")]
    [DataRow("", "")]
    [DataRow("42", "")]
    [DataRow("serialise-everything-there-is", "")]
    public void Find_Verb_IsTheNearestOrNone(string name, string nearest) =>
        Assert.AreEqual(nearest, NearestName.Find(name, s_verbs));

    [TestMethod]
    [DataRow("--trainer.epoch", "--trainer.epochs")]
    [DataRow("--trainer.lora.rnak", "--trainer.lora.rank")]
    [DataRow("--trainer.headLearningRate", "--trainer.head-learning-rate")]
    [DataRow("--model-file", "--model")]
    [DataRow("--out", "--output")]
    [DataRow("--feature", "--features")]
    [DataRow("--trainer.foo", "")]
    [DataRow("--trainer.label-smoothing", "")]
    [DataRow("--trainer.lora.b", "")]
    [DataRow("--gpu", "")]
    [DataRow("--lr", "")]
    public void Find_Option_IsTheNearestOrNone(string name, string nearest) =>
        Assert.AreEqual(nearest, NearestName.Find(name, s_options));

    [TestMethod]
    public void Say_NoneNear_IsEmpty()
    {
        Assert.AreEqual("; the nearest is 'train'", NearestName.Say("trian", s_verbs, n => $"; the nearest is '{n}'"));
        Assert.AreEqual("", NearestName.Say("score", s_verbs, n => $"; the nearest is '{n}'"));
        Assert.AreEqual("", NearestName.Say("train", [], n => n));
    }
}
