using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Checking;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>How labels, lengths, levels and embeddings are distributed.</summary>
[TestClass]
public sealed class DataDistributionTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void CheckData_GroupsAndEmbeddings_AreCountedByPartAndGroup()
    {
        using var folder = new Scratch();
        Row[] rows = [Make(folder, "a", "s1", "yes", "en", 0.5, 0), Make(folder, "b", "s1", "no", "en", 1, 1),
            Make(folder, "c", "s2", "yes", "de", 1.5, 2), Make(folder, "d", "s3", "", "de", 2, 3)];
        SpeechDataReport report = Check(folder, [("train", View(rows[..3])), ("test", View(rows[3..]))]);

        SpeechDataHistogram[] lengths =
            [.. report.Histograms.Where(h => h.Measure == SpeechDataMeasure.Length && h.By == "part")];
        CollectionAssert.AreEqual(new[] { "train", "test" }, lengths.Select(h => h.Name).ToArray());
        Assert.AreEqual(0.5, lengths[0].Edges[0], 1e-9);
        Assert.AreEqual(2, lengths[0].Edges[^1], 1e-9);
        Assert.AreEqual(3, lengths[0].Counts.Sum());
        Assert.AreEqual(1, lengths[1].Counts[^1], "the longest is in the last bin");
        // A sine of amplitude 1/2: 20 log10(0.5 / sqrt 2)
        Assert.AreEqual(-9.03, report.Histograms.First(h => h.Measure == SpeechDataMeasure.Level).Edges[0], 0.02);

        SpeechDataGroup german = report.Groups.Single(g => g is { By: "language", Name: "de" });
        Assert.AreEqual((2, 2), (german.Clips, german.Subjects));
        Assert.AreEqual("1 × yes, 1 missing", SpeechDataReport.Counts(german.Labels.Single()));
        StringAssert.Contains(report.ToString(), "language de");
        StringAssert.Contains(report.ToHtml(), "<td>language: de</td>");

        SpeechDataMap map = report.Map!;
        CollectionAssert.AreEqual(new[] { "a", "b", "c", "d" }, map.Points.Select(p => p.Clip).ToArray());
        CollectionAssert.AreEqual(new[] { "yes", "no", "yes", "" }, map.Points.Select(p => p.Labels[0]).ToArray());
        Assert.AreEqual("test", map.Points[3].Part);
        Assert.AreEqual(1, map.Explained[0], 1e-6, "embeddings on a line");
    }

    [TestMethod]
    public void CheckData_NeitherGroupsNorEmbeddings_HasPartsOnly()
    {
        using var folder = new Scratch();
        Row[] rows = [Make(folder, "a", "s1", "yes", "en", 0.5, 0), Make(folder, "b", "s2", "no", "en", 1, 1)];
        SpeechDataReport report = DataChecking.Check(_mlContext, [("all", View(rows))],
            new SpeechDataCheckOptions { AudioKeyColumnName = "File", AudioFolder = folder.Folder }, null, null,
            default);
        Assert.IsNull(report.Map);
        Assert.HasCount(0, report.Groups);
        Assert.IsTrue(report.Histograms.All(h => h.By == "part"));
    }

    [TestMethod]
    public void Of_RowsInAPlane_FindsItsAxes()
    {
        var random = new Random(1);
        double[] u = [0.6, 0, 0.8, 0, 0], v = [0, 1, 0, 0, 0];
        (double A, double B)[] at = [.. Enumerable.Range(0, 60).Select(_ => (6 * random.NextDouble(),
            2 * random.NextDouble()))];
        float[][] rows = [.. at.Select(p => Enumerable.Range(0, 5)
            .Select(c => (float)((p.A * u[c]) + (p.B * v[c]) + 3)).ToArray())];
        (double[][] scores, double[] explained) = PrincipalComponents.Of(rows, 2);
        Assert.AreEqual(1, explained.Sum(), 1e-6);
        // The scores keep every distance between the rows.
        for (int i = 1; i < rows.Length; i++)
        {
            double wanted = Math.Sqrt(rows[0].Zip(rows[i], (a, b) => (a - b) * (double)(a - b)).Sum());
            double got = Math.Sqrt(scores[0].Zip(scores[i], (a, b) => (a - b) * (a - b)).Sum());
            Assert.AreEqual(wanted, got, 1e-5);
        }
        double product = scores.Sum(s => s[0] * s[1]);
        Assert.AreEqual(0, product, 1e-4 * scores.Sum(s => s[0] * s[0]), "uncorrelated");
        Assert.IsGreaterThan(explained[1], explained[0]);
    }

    [TestMethod]
    public void Of_EqualRows_HasNoDirection()
    {
        (double[][] scores, double[] explained) = PrincipalComponents.Of([[1, 2], [1, 2], [1, 2]], 2);
        Assert.IsTrue(scores.All(s => s is [0, 0]));
        CollectionAssert.AreEqual(new double[] { 0, 0 }, explained);
    }

    private static Row Make(
        Scratch folder, string file, string speaker, string label, string language, double seconds, int place)
    {
        short[] samples = [.. Enumerable.Range(0, (int)(8000 * seconds)).Select(i =>
            (short)(16384 * Math.Sin(i * 2 * Math.PI * 200 / 8000)))];
        File.WriteAllBytes(folder.At(file + ".wav"), WavBytes.Pcm16(samples, 1, 8000));
        return new Row
        {
            File = file,
            Speaker = speaker,
            Label = label,
            Language = language,
            Embedding = [place, 2 * place, 1],
        };
    }

    private IDataView View(Row[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private SpeechDataReport Check(Scratch folder, IReadOnlyList<(string, IDataView)> parts) => DataChecking.Check(
        _mlContext, parts, new SpeechDataCheckOptions
        {
            AudioKeyColumnName = "File",
            AudioFolder = folder.Folder,
            SubjectColumnName = "Speaker",
            LabelColumnNames = ["Label"],
            GroupColumnNames = ["language"],
            EmbeddingColumnName = "Embedding",
        }, null, null, default);

    private sealed class Row
    {
        public string File { get; set; } = "";

        public string Speaker { get; set; } = "";

        public string Label { get; set; } = "";

        [ColumnName("language")]
        public string Language { get; set; } = "";

        [VectorType(3)]
        public float[] Embedding { get; set; } = [];
    }
}
