using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Catalog;

/// <summary>The overloads with the encoder alone read the usual columns.</summary>
[TestClass]
public sealed class ShortOverloadTests
{
    private static readonly string s_encoder = RepositoryFiles.TinyEncoder("hubert-base-like");
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Trainers_EncoderOnly_ReadLabelAndAudio()
    {
        var classes = _mlContext.MulticlassClassification.Trainers.SpeechClassification(s_encoder);
        var binary = _mlContext.BinaryClassification.Trainers.SpeechClassification(s_encoder);
        var numbers = _mlContext.Regression.Trainers.SpeechRegression(s_encoder);
        Assert.AreEqual(("Label", "Audio"), (classes.LabelColumnName, classes.AudioColumnName));
        Assert.AreEqual(("Label", "Audio"), (binary.LabelColumnName, binary.AudioColumnName));
        Assert.AreEqual(("Label", "Audio"), (numbers.LabelColumnName, numbers.AudioColumnName));
    }

    [TestMethod]
    public void Trainers_NoEncoder_SaysSo()
    {
        string message = Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.MulticlassClassification.Trainers.SpeechClassification("")).Message;
        StringAssert.StartsWith(message, "Option Encoder: expected ", StringComparison.Ordinal);
    }
}
