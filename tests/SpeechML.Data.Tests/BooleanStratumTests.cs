using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.Tests;

/// <summary>A yes or no is balanced as a label of 1 or 0 is.</summary>
[TestClass]
public sealed class BooleanStratumTests
{
    [TestMethod]
    public void SplitAndFolds_OfABoolean_AreThoseOfItsLabel()
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(3);
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i =>
        {
            bool yes = random.Next(4) == 0;
            return new Clip { Key = $"c{i}", Subject = $"s{i / 3}", Yes = yes, Label = [yes ? 1 : 0] };
        }).ToList());
        var options = new SubjectSplitOptions { Seed = 2, StratifyThreshold = 1 };
        SubjectSplit plain = mlContext.Speech().SplitBySubject(data, "Subject", "Key", options).Split;
        SubjectSplit yesOrNo = mlContext.Speech().SplitBySubject(data, "Subject", "Key", options, "Yes").Split;
        SubjectSplit label = mlContext.Speech().SplitBySubject(data, "Subject", "Key", options, "Label").Split;
        CollectionAssert.AreEqual(label.Parts.ToArray(), yesOrNo.Parts.ToArray());
        CollectionAssert.AreNotEqual(plain.Parts.ToArray(), yesOrNo.Parts.ToArray());
        CollectionAssert.AreEqual(Folds("Label"), Folds("Yes"));

        uint[] Folds(string column) => [.. mlContext.Speech().AddSubjectFolds(
            data, "Fold", "Subject", 4, options, column).GetColumn<uint>("Fold")];
    }

    private sealed class Clip
    {
        public string Key { get; set; } = "";

        public string Subject { get; set; } = "";

        public bool Yes { get; set; }

        [VectorType(1)]
        public float[] Label { get; set; } = [0];
    }
}
