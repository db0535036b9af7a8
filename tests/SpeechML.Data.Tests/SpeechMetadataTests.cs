using SpeechML.TestSupport;

namespace SpeechML.Data.Tests;

[TestClass]
public sealed class SpeechMetadataTests
{
    private const string Csv =
        "id,who,day,what,lang,hoarse,slow\na,s1,2025-02-01,read,en,1.0,-1\nb,s1,2025-01-01,talk,en,2.0,\nc,s2," +
        "2025-01-01,read,fr,1.5,4\n";
    private const string Json = """
        [{"id":"a","who":"s1","day":"2025-02-01","what":"read","lang":"en","hoarse":1.0,"slow":-1},
         {"id":"b","who":"s1","day":"2025-01-01","what":"talk","lang":"en","hoarse":2,"slow":null},
         {"id":"c","who":"s2","day":"2025-01-01","what":"read","lang":"fr","hoarse":1.5,"slow":4}]
        """;

    private static readonly SpeechMetadataColumns s_columns =
        new() { AudioKey = "id", Subject = "who", Date = "day", Task = "what", Features = ["hoarse", "slow"] };

    [TestMethod]
    [DataRow(Csv, "m.csv")]
    [DataRow(Json, "m.json")]
    public void Load_ColumnsNamedByTheUser_MissingRatingsAreNaN(string text, string name)
    {
        SpeechMetadata data = Load(text, name);
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, data.Rows.Select(r => r.AudioKey).ToArray());
        Assert.AreEqual("s1", data.Rows[1].Subject);
        Assert.AreEqual("fr", data.Rows[2].Fields["lang"]);
        CollectionAssert.AreEqual(new[] { 1, double.NaN }, data.Rows[0].Ratings);
        CollectionAssert.AreEqual(new[] { 2, double.NaN }, data.Rows[1].Ratings);
        CollectionAssert.AreEqual(new[] { 1.5, 4 }, data.Rows[2].Ratings);
    }

    [TestMethod]
    public void BinaryLabels_Threshold_MissingStaysMissing()
    {
        IReadOnlyList<double[]> labels = Load(Csv, "m.csv").BinaryLabels(2);
        CollectionAssert.AreEqual(new[] { 0, double.NaN, 1, double.NaN, 0, 1 }, labels.SelectMany(l => l).ToArray());
    }

    [TestMethod]
    [DataRow(
        5.0, "Rating threshold: expected a value above 1 and at most 4, the ratings in the metadata, got 5. " +
        "(Parameter 'threshold')")]
    [DataRow(
        1.0, "Rating threshold: expected a value above 1 and at most 4, the ratings in the metadata, got 1. " +
        "(Parameter 'threshold')")]
    public void BinaryLabels_ThresholdOutsideTheRatings_IsRefused(double threshold, string message) =>
        Assert.AreEqual(message,
            Assert.ThrowsExactly<ArgumentException>(() => Load(Csv, "m.csv").BinaryLabels(threshold)).Message);

    [TestMethod]
    public void Filters_TasksFeaturesFirstOfSubject_Select()
    {
        SpeechMetadata data = Load(Csv, "m.csv");
        CollectionAssert.AreEqual(new[] { "a", "c" }, data.WithTasks("read").Rows.Select(r => r.AudioKey).ToArray());
        SpeechMetadata slow = data.WithFeatures("slow");
        CollectionAssert.AreEqual(new[] { "c" }, slow.Rows.Select(r => r.AudioKey).ToArray());
        CollectionAssert.AreEqual(new[] { 4.0 }, slow.Rows[0].Ratings);
        CollectionAssert.AreEqual(new[] { "b", "c" }, data.OnePerSubject().Rows.Select(r => r.AudioKey).ToArray());
        Assert.AreEqual(
            "Task 'sing' does not occur in the metadata; tasks are 'read', 'talk'. (Parameter 'tasks')",
            Assert.ThrowsExactly<ArgumentException>(() => data.WithTasks("sing")).Message);
        Assert.AreEqual(
            "Feature 'loud': expected one of the rated columns, 'hoarse', 'slow', got another. (Parameter 'features')",
            Assert.ThrowsExactly<ArgumentException>(() => data.WithFeatures("loud")).Message);
    }

    [TestMethod]
    public void Sample_FewClips_HaveEveryLabelOnBothSides()
    {
        SpeechMetadata data = SpeechMetadata.Load(
            Path.Combine(RepositoryFiles.Prompts, "metadata.csv"), new SpeechMetadataColumns
            {
                AudioKey = "original_audio_id",
                Subject = "subject",
                Features = ["hoarse_harsh", "slow_rate"],
            });
        SpeechMetadata few = data.Sample(40, 2, seed: 1, "language");
        Assert.HasCount(40, few.Rows);
        foreach (SplitStratum stratum in few.Strata(2, "language"))
        {
            Assert.IsGreaterThanOrEqualTo(3, stratum.Values.Count(v => v == 1), stratum.Name);
            Assert.IsGreaterThanOrEqualTo(3, stratum.Values.Count(v => v == 0), stratum.Name);
        }
        CollectionAssert.AreEqual(few.Rows.ToArray(), data.Sample(40, 2, seed: 1, "language").Rows.ToArray());
        CollectionAssert.AreEqual(
            new[] { "c" }, Load(Csv, "m.csv").Where(r => r.Subject == "s2").Rows.Select(r => r.AudioKey).ToArray());
    }

    [TestMethod]
    public void Split_OfMetadata_BalancesFeaturesTasksAndCategories()
    {
        SpeechMetadata data = Load(Csv, "m.csv");
        CollectionAssert.AreEqual(
            new[] { "hoarse>=2", "slow>=2", "lang=en", "lang=fr", "what=read", "what=talk" },
            data.Strata(2, "lang").Select(s => s.Name).ToArray());
        CollectionAssert.AreEqual(new sbyte[] { -1, -1, 1 }, data.Strata(2)[1].Values.ToArray());
        SubjectSplit split = data.Split(new SubjectSplitOptions { Train = 0.5, Validation = 0, Test = 0.5 }, 2, "lang");
        Assert.AreEqual(split.Parts[0], split.Parts[1]);
        Assert.AreNotEqual(split.Parts[0], split.Parts[2]);
        Assert.AreEqual(
            "Category 'sex' is no column of the metadata; columns are 'id', 'who', 'day', 'what', 'lang', 'hoarse', " +
            "'slow'. (Parameter 'categories')",
            Assert.ThrowsExactly<ArgumentException>(() => data.Strata(2, "sex")).Message);
    }

    [TestMethod]
    [DataRow("id,who,day,what,hoarse\n", "m.csv",
        "'m.csv', line 1: expected a column 'slow', got the columns 'id', 'who', 'day', 'what', 'hoarse'.")]
    [DataRow("id,who,day,what,hoarse,slow\na,s,d,t,1,2,3\n", "m.csv",
        "'m.csv', line 2: expected 6 fields as in the header, got 7.")]
    [DataRow("id,who,day,what,hoarse,slow\na,s,d,t,1,x\n", "m.csv",
        "'m.csv', line 2, column 'slow': expected a number, -1 or nothing (missing), got 'x'.")]
    [DataRow("id,who,day,what,hoarse,slow\na,,d,t,1,1\n", "m.csv",
        "'m.csv', line 2, column 'who': expected a subject, got an empty field.")]
    [DataRow("id,who,day,what,hoarse,slow\na,s,d,t,1,1\n\na,s,d,t,1,1\n", "m.csv",
        "'m.csv', line 4, column 'id': expected every key once, got 'a' as in line 2.")]
    [DataRow("id,who,day,what,hoarse,slow\n", "m.csv", "'m.csv': expected at least one clip, got none.")]
    [DataRow("", "m.csv", "'m.csv', line 1: expected a header, got an empty file.")]
    [DataRow("""{"id":1}""", "m.json", "'m.json': expected an array of objects, one per clip, got Object.")]
    [DataRow("""[{"id":1}]""", "m.json", "'m.json', entry 0: expected a column 'who', got the columns 'id'.")]
    public void Load_WrongFile_NamesPlaceExpectedAndGot(string text, string name, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidDataException>(() => Load(text, name)).Message);

    [TestMethod]
    [DataRow("table.xlsx", ".xlsx")]
    [DataRow("table.ods", ".ods")]
    [DataRow("table", "")]
    public void Load_OtherFormat_SaysWhatToSaveItAs(string name, string extension)
    {
        using var scratch = new Scratch();
        string path = scratch.At(name);
        // As Excel's files begin: no text, which is said of other files.
        File.WriteAllBytes(path, [0x50, 0x4B, 3, 4, 0x14, 0, 0xFF, 0xFE, 0x80]);
        string expected = $"Metadata '{path}': expected the extension .csv, .tsv, .json or .jsonl, got " +
            $"'{extension}'. Save the table as CSV (Excel: 'CSV UTF-8').";
        Assert.AreEqual(expected,
            Assert.ThrowsExactly<ArgumentException>(() => SpeechMetadata.Load(path, s_columns)).Message);
        Assert.AreEqual(expected, Assert.ThrowsExactly<ArgumentException>(() => Load("", path)).Message);
    }

    [TestMethod]
    public void ToClass_Rating_IsItsPlaceAmongTheLevels()
    {
        Assert.AreEqual(3.0, RatingScale.ToClass(3));
        Assert.IsTrue(double.IsNaN(RatingScale.ToClass(-1)));
        Assert.AreEqual(
            "Rating: expected one of 1, 1.5, 2, 3, 4 or -1 (missing), got 2.5. (Parameter 'rating')",
            Assert.ThrowsExactly<ArgumentException>(() => RatingScale.ToClass(2.5)).Message);
    }

    private static SpeechMetadata Load(string text, string name) =>
        SpeechMetadata.Load(new StringReader(text), name, s_columns);
}
