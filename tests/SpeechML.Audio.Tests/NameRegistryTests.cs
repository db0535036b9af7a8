using SpeechML.Audio.Options;

namespace SpeechML.Audio.Tests;

[TestClass]
public sealed class NameRegistryTests
{
    [TestMethod]
    public void Get_LongNameFromAFile_IsShortenedInTheMessage()
    {
        var registry = new NameRegistry<string>("Pooling", "SpeechPooling.Register");
        registry.Add("Mean", "");
        string message = Assert.ThrowsExactly<InvalidOperationException>(
            () => registry.Get(new string('x', 1_000_000) + "\n")).Message;
        Assert.IsLessThan(600, message.Length);
        StringAssert.StartsWith(message, $"Pooling '{new string('x', 120)}…': expected one of Mean, got a name");
        Assert.AreEqual("Pooling 'a?b': expected one of Mean, got a name that is not registered. Call " +
            "SpeechPooling.Register(\"a?b\", ...) first, also before a model with it is loaded.",
            Assert.ThrowsExactly<InvalidOperationException>(() => registry.Get("a\nb")).Message);
        Assert.IsLessThan(300, Assert.ThrowsExactly<ArgumentException>(
            () => registry.Add(new string('1', 1_000_000), "")).Message.Length);
    }

    [TestMethod]
    public void Check_LongValue_IsShortenedInTheMessage() => Assert.AreEqual(
        $"Option Pooling: expected a name, got '{new string('x', 500)}…'.",
        Assert.ThrowsExactly<ArgumentException>(
            () => OptionChecks.Check(false, "Pooling", "a name", new string('x', 5000))).Message);
}
