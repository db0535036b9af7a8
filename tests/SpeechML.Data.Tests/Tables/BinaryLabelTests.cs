using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.Tests.Tables;

/// <summary>A missing rating does not become a negative.</summary>
[TestClass]
public sealed class BinaryLabelTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void AddBinaryLabel_MissingRatings_AreLeftOutAndCounted()
    {
        var log = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Source.Contains("BinaryRatings", StringComparison.Ordinal))
            {
                log.Add(e.RawMessage);
            }
        };
        IDataView data = _mlContext.Speech().AddBinaryLabel(Load("a,1\nb,\nc,2\nd,NA\ne,-1\nf,3\n"), "Label", "r", 2);
        Assert.AreEqual("a False, c True, f True", string.Join(", ",
            data.GetColumn<string>("id").Zip(data.GetColumn<bool>("Label"), (id, label) => $"{id} {label}")));
        CollectionAssert.Contains(
            log, "'Label': 2 rows are true, 1 are false, 3 are left out because they have no value");
        CollectionAssert.AreEqual(new[] { 1f, 2, 3 }, data.GetColumn<float>("r").ToArray());
    }

    [TestMethod]
    public void AddBinaryLabel_OneSide_IsRefused() => Assert.AreEqual(
        "Column 'r': expected ratings on both sides of the threshold 3, got 0 from it up, 2 below, 1 missing. " +
        "(Parameter " +
        "'threshold')",
        Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech().AddBinaryLabel(
            Load("a,1\nb,\nc,2\n"), "Label", "r", 3)).Message);

    [TestMethod]
    public void AddBinaryLabel_RatingsThatAreText_SaysWhereToNameThem()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable([new Row { Value = "1" }, new Row { Value = "3" }]);
        ArgumentException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Speech().AddBinaryLabel(rows, "Label", "Value", 2));
        StringAssert.StartsWith(e.Message, "Schema mismatch for rating column 'Value': expected Single (name it in " +
            "SpeechMetadataColumns.Features: other columns of a table are text), got String.");
    }

    [TestMethod]
    public void AddBinaryLabel_OfText_LeavesEmptyOut()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new[] { "PD", "", "HC", "PD" }
            .Select(v => new Row { Value = v }).ToArray());
        CollectionAssert.AreEqual(
            new[] { true, false, true },
            _mlContext.Speech().AddBinaryLabel(rows, "Label", "Value", "PD").GetColumn<bool>("Label").ToArray());
        Assert.AreEqual(
            "Column 'Value': expected 'pd' and other values, got 'PD', 'HC'. (Parameter 'positiveValue')",
            Assert.ThrowsExactly<ArgumentException>(
                () => _mlContext.Speech().AddBinaryLabel(rows, "Label", "Value", "pd")).Message);
    }

    [TestMethod]
    public void Evaluate_OrderedKeys_NamesTheClasses()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new[] { "absent", "mild", "severe", "mild" }
            .Select(v => new Row { Value = v }).ToArray());
        IDataView keys = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Value")
            .Append(_mlContext.Transforms.CopyColumns("PredictedLabel", "Label")).Fit(rows).Transform(rows);
        OrdinalMetrics metrics = _mlContext.Speech().Ordinal.Evaluate(keys);
        CollectionAssert.AreEqual(new[] { "absent", "mild", "severe" }, metrics.Classes.ToArray());
        StringAssert.EndsWith(metrics.ToString().ReplaceLineEndings("\n"),
            "truth \\ predicted\n        absent    mild  severe\nabsent       1       0       0\n" +
            "  mild       0       2       0\nsevere       0       0       1\n");
    }

    private IDataView Load(string rows)
    {
        var columns = new SpeechMetadataColumns { AudioKey = "id", Features = ["r"] };
        SpeechMetadata read = SpeechMetadata.Load(new StringReader("id,r\n" + rows), "m.csv", columns);
        return _mlContext.Speech().LoadMetadata(read);
    }

    private sealed class Row
    {
        public string Value { get; set; } = "";
    }
}
