using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Transforms;

/// <summary>Folds and splits by subject on data views.</summary>
[TestClass]
public sealed class SubjectFoldsTests
{
    [TestMethod]
    public void KFoldBySubject_SampleMetadata_DisjointCompleteAndBalanced()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 115);
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = mlContext.Speech()
            .KFoldBySubject(data, "Subject", 5, new SubjectSplitOptions { Seed = 3 }, "Labels", "Label");
        Assert.HasCount(5, folds);
        var tested = new List<string>();
        foreach (DataOperationsCatalog.TrainTestData fold in folds)
        {
            string[] train = [.. fold.TrainSet.GetColumn<string>("Subject")],
                test = [.. fold.TestSet.GetColumn<string>("Subject")];
            Assert.IsEmpty(train.Intersect(test));
            Assert.AreEqual(115, train.Length + test.Length);
            Assert.AreEqual(23, test.Length, 3.0);
            Assert.HasCount(5, fold.TestSet.GetColumn<string>("Label").Distinct(), "every language");
            tested.AddRange(fold.TestSet.GetColumn<string>("Path"));
        }
        CollectionAssert.AreEquivalent(data.GetColumn<string>("Path").ToArray(), tested);
    }

    [TestMethod]
    public void AddSubjectFolds_AsSamplingKey_GivesMLNetTheSameFolds()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 115);
        var options = new SubjectSplitOptions { Seed = 3 };
        IDataView withFolds = mlContext.Speech().AddSubjectFolds(data, "Fold", "Subject", 4, options, "Label");
        IReadOnlyList<DataOperationsCatalog.TrainTestData> expected = mlContext.Speech()
            .KFoldBySubject(data, "Subject", 4, options, "Label");
        IReadOnlyList<DataOperationsCatalog.TrainTestData> actual =
            mlContext.Data.CrossValidationSplit(withFolds, 4, samplingKeyColumnName: "Fold");
        for (int f = 0; f < 4; f++)
        {
            CollectionAssert.AreEqual(
                expected[f].TestSet.GetColumn<string>("Path").ToArray(),
                actual[f].TestSet.GetColumn<string>("Path").ToArray());
            CollectionAssert.AreEqual(
                expected[f].TrainSet.GetColumn<string>("Path").ToArray(),
                actual[f].TrainSet.GetColumn<string>("Path").ToArray());
        }
        var pipeline = mlContext.Transforms.Text.FeaturizeText("Features", "Path")
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.NaiveBayes());
        foreach (var fold in mlContext.MulticlassClassification.CrossValidate(
            withFolds, pipeline, 4, samplingKeyColumnName: "Fold"))
        {
            CollectionAssert.AreEqual(
                expected[fold.Fold].TestSet.GetColumn<string>("Path").ToArray(),
                fold.ScoredHoldOutSet.GetColumn<string>("Path").ToArray());
        }
    }

    [TestMethod]
    public void SplitBySubject_OnePerSubject_KeepsTheFirstByDate()
    {
        var mlContext = new MLContext(seed: 1);
        Visit[] rows = [.. Enumerable.Range(0, 60)
            .Select(i => new Visit { Path = $"clip{i}", Subject = $"s{i % 12}",
            Date = $"2025-{12 - (i / 12):00}-01" })];
        IDataView data = mlContext.Data.LoadFromEnumerable(rows);
        var options = new SubjectSplitOptions { OnePerSubject = true, DateColumnName = "Date" };
        SpeechDataSplit split = mlContext.Speech().SplitBySubject(data, "Subject", "Path", options);
        string[] placed = [.. new[] { split.Train, split.Validation, split.Test }
            .SelectMany(p => p.GetColumn<string>("Path"))];
        CollectionAssert.AreEquivalent(Enumerable.Range(48, 12).Select(i => $"clip{i}").ToArray(), placed,
            "the last rows have the first dates");
        Assert.AreEqual("split_train70_val15_test15_stratify5_one_seed1", split.Split.Name);
        CollectionAssert.AreEquivalent(split.Split.Keys.ToArray(), placed);

        CollectionAssert.AreEqual(
            split.Train.GetColumn<string>("Path").ToArray(),
            mlContext.Speech().ApplySplit(
            data, split.Split, "Path", leaveOutOthers: true).Train.GetColumn<string>("Path").ToArray());
        Assert.AreEqual(
            "Split 'split_train70_val15_test15_stratify5_one_seed1': expected every clip of the data, found none " +
            "named 'clip0'. (Parameter 'split')",
            Assert.ThrowsExactly<ArgumentException>(() => mlContext.Speech()
            .ApplySplit(data, split.Split, "Path")).Message);
        Assert.AreEqual(
            "Cross-validation expected the split option OnePerSubject to be off, because every row is in a fold; " +
            "leave the other clips out before.",
            Assert.ThrowsExactly<ArgumentException>(() => mlContext.Speech()
            .KFoldBySubject(data, "Subject", 5, options)).Message);
    }

    [TestMethod]
    public void LoadMetadata_Features_AreNumbersToo()
    {
        var mlContext = new MLContext(seed: 1);
        var columns = new SpeechMetadataColumns { AudioKey = "id", Features = ["hoarse", "slow"] };
        SpeechMetadata metadata =
            SpeechMetadata.Load(new StringReader("id,hoarse,slow\na,1.5,-1\nb,3,2\n"), "m.csv", columns);
        CollectionAssert.AreEqual(
            new[] { float.NaN, 2 }, mlContext.Speech().LoadMetadata(metadata).GetColumn<float>("slow").ToArray());
    }

    private sealed class Visit
    {
        public string Path { get; set; } = "";

        public string Subject { get; set; } = "";

        public string Date { get; set; } = "";
    }
}
