using Microsoft.ML;
using SpeechML.Data.Checking;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>What the check of the data finds in labels and subjects.</summary>
[TestClass]
public sealed class CheckedTableTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Check_CodesForMissing_AreListedAndFound()
    {
        using var folder = new Scratch();
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                warnings.Add(e.RawMessage);
            }
        };
        IDataView data = _mlContext.Speech().LoadMetadata(
            Path.Combine(RepositoryFiles.Fixtures, "tables", "codes.csv"),
            new SpeechMetadataColumns { AudioKey = "file", Subject = "speaker", Features = ["hoarse", "slow"] });
        SpeechDataReport report = Check(folder, ("all", data));
        CollectionAssert.AreEqual(
            new[]
            {
                "Labels.hoarse: 2 × 0, 2 × 1, 2 missing", "Labels.slow: 3 × 0, 3 × 1",
                "Ratings.hoarse: 1 × -99, 1 × 1, 1 × 3, 1 × 99, 2 missing",
                "Ratings.slow: 1 × -9, 2 × 1, 1 × 2, 1 × 3, 1 × 999",
            },
            report.Labels.Select(l => $"{l.Label}: {SpeechDataReport.Counts(l)}").ToArray());
        CollectionAssert.AreEqual(
            new[]
            {
                "Label 'Ratings.hoarse': expected ratings, got -99, 99 far from all others; where they mean " +
                "missing, set " +
                "SpeechMetadataColumns.MissingRatings.",
                "Label 'Ratings.slow': expected ratings, got -9, 999 far from all others; where they mean missing, " +
                "set " +
                "SpeechMetadataColumns.MissingRatings.",
            },
            Messages(report, SpeechDataProblem.MissingCode));
        CollectionAssert.AreEqual(
            new[]
            {
                "'hoarse': expected ratings, got -99, 99 far from all others; where they mean missing, set " +
                "SpeechMetadataColumns.MissingRatings",
                "'slow': expected ratings, got -9, 999 far from all others; where they mean missing, set " +
                "SpeechMetadataColumns.MissingRatings",
            },
            warnings);
    }

    [TestMethod]
    public void Check_SpellingsOfASubject_AreFoundAndSharedWhereTheyAreInTwoParts()
    {
        using var folder = new Scratch();
        SpeechDataReport report = Check(
            folder, ("train", Rows(("S01", "PD"), ("s01", "PD "), ("144", "pd"), ("x", "HC"))),
            ("test", Rows(("144.0", "HC"), ("y", "PD"))));
        CollectionAssert.AreEqual(
            new[] { "Subjects '144', '144.0', probably one: expected clips in one part, got clips in train and test." },
            Messages(report, SpeechDataProblem.SharedSubject));
        CollectionAssert.AreEqual(
            new[]
            {
                "Subjects 'S01', 's01', probably one: expected one spelling for each subject, got 2 that differ in " +
                "case, " +
                "whitespace, Unicode form or zeros only.",
            },
            Messages(report, SpeechDataProblem.SimilarSubjects));
        CollectionAssert.AreEqual(
            new[]
            {
                "Label 'Label': expected one spelling for each class, got 'PD', 'PD ', 'pd' (train: 1 × 'PD', 1 × " +
                "'PD ', " +
                "1 × 'pd'; test: 1 × 'PD').",
            },
            Messages(report, SpeechDataProblem.SimilarValues));
        CollectionAssert.AreEqual(
            new[]
            {
                "Part 'train': expected at least 10 subjects, got 3: its figures depend on a few people.",
                "Part 'test': expected at least 10 subjects, got 2: its figures depend on a few people.",
            },
            Messages(report, SpeechDataProblem.FewSubjects));
    }

    [TestMethod]
    [DataRow(17, true)]
    [DataRow(16, false)]
    public void Check_OneClassInEighteen_IsFound(int others, bool found)
    {
        using var folder = new Scratch();
        IDataView data = Rows([("s0", "PD"), .. Enumerable.Range(1, others).Select(i => ($"s{i}", "HC"))]);
        CollectionAssert.AreEqual(
            found
                ? new[]
                {
                    "Label 'Label' in part 'all': expected each class at least once for 16 clips of another, got 1 × " +
                    "'PD' and 17 × 'HC'. A model may do well without ever finding it.",
                }
                : [],
            Messages(Check(folder, ("all", data)), SpeechDataProblem.RareClass));
    }

    [TestMethod]
    public void Check_ClassThatAPartHasNot_IsFound()
    {
        using var folder = new Scratch();
        IDataView train = Rows(("s0", "en"), ("s1", "es"), ("s2", "fr")), test = Rows(("s3", "en"), ("s4", "it"));
        CollectionAssert.AreEqual(
            new[]
            {
                "Label 'Label' in part 'train': expected clips of every class, got none of 'it'. Balance the split " +
                "by the label, or enlarge the part.",
                "Label 'Label' in part 'test': expected clips of every class, got none of 'es', 'fr'. Balance the " +
                "split by the label, or enlarge the part.",
            },
            Messages(Check(folder, ("train", train), ("test", test)), SpeechDataProblem.MissingClass));
        Assert.IsEmpty(Messages(Check(folder, ("train", train), ("test", train)), SpeechDataProblem.MissingClass));
    }

    private static string[] Messages(SpeechDataReport report, SpeechDataProblem problem) =>
        [.. report.Findings.Where(f => f.Problem == problem).Select(f => f.Message)];

    private IDataView Rows(params IEnumerable<(string Subject, string Label)> rows) =>
        _mlContext.Data.LoadFromEnumerable(rows.Select((r, i) =>
            new Row { File = $"{r.Subject}{i}", Speaker = r.Subject, Label = r.Label }).ToArray());

    private SpeechDataReport Check(Scratch folder, params IReadOnlyList<(string, IDataView Data)> parts) =>
        DataChecking.Check(
            _mlContext, parts, new SpeechDataCheckOptions
            {
                AudioKeyColumnName = parts[0].Data.Schema.GetColumnOrNull("file") is null ? "File" : "file",
                AudioFolder = folder.Folder,
                SubjectColumnName = parts[0].Data.Schema.GetColumnOrNull("speaker") is null ? "Speaker" : "speaker",
                LabelColumnNames = [parts[0].Data.Schema.GetColumnOrNull("Labels") is null ? "Label" : "Labels"],
            },
            null, null, default);

    private sealed class Row
    {
        public string File { get; set; } = "";

        public string Speaker { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
