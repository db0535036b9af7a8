using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>Each file of <c>Fixtures/tables</c>: its right content, or the whole message.</summary>
[TestClass]
public sealed class TableCasesTests
{
    private static readonly string s_folder = Path.Combine(RepositoryFiles.Fixtures, "tables");
    private static readonly SpeechMetadataColumns s_columns =
        new() { AudioKey = "file", Subject = "speaker", Features = ["hoarse"] };

    [TestMethod]
    [DataRow("blank.csv", "en00-01 S01 NaN; en00-02 S02 3")]
    [DataRow("blankrows.csv", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("headerspace.csv", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("lines.json", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("lines.jsonl", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("missingkey.json", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("na.csv", "en00-01 S01 NaN; en00-02 S02 3")]
    [DataRow("names.csv",
        "José_01 S01 1; A11_183.wav S02 3; Rec 1 S03 1; memo S04 3; sub\\clip.wav S05 1;  sub/clip.wav S06 1")]
    [DataRow("nan.csv", "en00-01 S01 NaN; en00-02 S02 3; en01-01 S03 1")]
    [DataRow("onetrailing.csv", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("pandas_index.csv", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("semicolon.csv", "en00-01 S01 1.5; en00-02 S02 3")]
    [DataRow("utf8bom.json", "en00-01 S01 1; en00-02 S02 3")]
    [DataRow("utf8bom.csv",
        "en00-01 Möller 1; en00-02 Müller 3; en01-01 Schäfer 1; en01-02 Schöfer 3; en03-01 Roß 2")]
    [DataRow("utf16le_bom.csv",
        "en00-01 Möller 1; en00-02 Müller 3; en01-01 Schäfer 1; en01-02 Schöfer 3; en03-01 Roß 2")]
    public void Load_Readable_HasItsRows(string file, string rows) =>
        Assert.AreEqual(rows, string.Join("; ", Load(file).Rows.Select(
            r => FormattableString.Invariant($"{r.AudioKey} {r.Subject} {r.Ratings[0]}"))));

    [TestMethod]
    [DataRow("cp1252.csv",
        "'cp1252.csv', line 2, column 10: expected utf-8 text, got the byte 0xF6 behind 'en00-01,M' (byte 33 of the " +
        "file). Save the file as UTF-8 (Excel: 'CSV UTF-8'). Or name its encoding: SpeechMetadataColumns.Encoding = " +
        "\"windows-1252\" (Excel's plain CSV).")]
    [DataRow("deccomma_quoted.csv",
        "'deccomma_quoted.csv', line 2, column 'hoarse': expected a number, -1 or nothing (missing), got '1,5'. " +
        "Numbers have a decimal point: 1.5.")]
    [DataRow("dupheader.csv", "'dupheader.csv', line 1: expected every column once, got 'speaker' twice.")]
    [DataRow("dupkey.json", "'dupkey.json', entry 0: expected every key once, got 'speaker' twice.")]
    [DataRow("nan.json",
        "'nan.json', line 1: expected JSON, got 'N' is an invalid start of a value. LineNumber: 0 | " +
        "BytePositionInLine: 44.")]
    public void Load_Unreadable_SaysPlaceExpectedGotAndWhatToDo(string file, string message)
    {
        string path = Path.Combine(s_folder, file);
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidDataException>(() => Load(file)).Message
            .Replace(path, file, StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("audio.csv", 14, "plain.wav", "S14")]
    [DataRow("audio2.csv", 9, "joined.mp3", "S09")]
    public void Load_ListsOfRecordings_AreWhole(string file, int rows, string first, string last)
    {
        SpeechMetadata read = Load(file);
        Assert.HasCount(rows, read.Rows);
        Assert.AreEqual((first, last), (read.Rows[0].AudioKey, read.Rows[^1].Subject));
    }

    [TestMethod]
    public void Load_EncodingNamed_IsTheRightText()
    {
        SpeechMetadata read = SpeechMetadata.Load(
            Path.Combine(s_folder, "cp1252.csv"), s_columns with { Encoding = "windows-1252" });
        Assert.AreEqual("Möller Müller Schäfer Schöfer Roß", string.Join(' ', read.Rows.Select(r => r.Subject)));
        Assert.AreEqual("männlich", read.Rows[0].Fields["sex"]);
    }

    [TestMethod]
    public void Load_CodesForMissing_AreMissingWhereTheyAreNamedAndAnErrorOffTheScale()
    {
        SpeechMetadataColumns columns = s_columns with { Features = ["hoarse", "slow"] };
        SpeechMetadata read = LoadCodes(columns with { MissingRatings = [-1, -9, -99, 99, 999] });
        Assert.AreEqual("1 NaN; 3 NaN; NaN 1; NaN 2; NaN 3; NaN 1", string.Join("; ", read.Rows.Select(
            r => FormattableString.Invariant($"{r.Ratings[0]} {r.Ratings[1]}"))));
        Assert.AreEqual(
            "line 2, column 'slow': expected one of the RatingLevels 1, 1.5, 2, 3, 4, -1 or nothing (missing), got " +
            "'999'. If it means missing, add it to MissingRatings.",
            Assert.ThrowsExactly<InvalidDataException>(
                () => LoadCodes(columns with { RatingLevels = RatingScale.Levels })).Message.Split("', ", 2)[1]);
    }

    [TestMethod]
    public void Load_SpellingsThatNobodySees_AreOneSubject()
    {
        SpeechMetadata read = Load("subjects.csv");
        Assert.AreEqual(
            "S01 s01 144 144.00 0144 S02 José JOSÉ S05 S06 S07 S08 S09",
            string.Join(' ', read.Rows.Select(r => r.Subject).Distinct()));
    }

    [TestMethod]
    public void Load_FieldOfSomeObjectsOnly_IsEmptyInTheOthers()
    {
        SpeechMetadata read = Load("missingkey.json");
        CollectionAssert.AreEqual(new[] { "with cough", "" }, read.Rows.Select(r => r.Fields["comment"]).ToArray());
        CollectionAssert.AreEqual(
            new[] { "file", "speaker", "hoarse", "comment" }, read.Rows[1].Fields.Keys.ToArray());
    }

    [TestMethod]
    public void Load_ColumnsWithoutName_AreLeftOut()
    {
        foreach (string file in new[] { "pandas_index.csv", "onetrailing.csv" })
        {
            CollectionAssert.AreEqual(
                new[] { "file", "speaker", "hoarse" }, Load(file).Rows[0].Fields.Keys.ToArray(), file);
            Assert.HasCount(2, new MLContext().Speech().LoadMetadata(Load(file)).Schema
                .Where(c => c.Type is TextDataViewType));
        }
    }

    [TestMethod]
    public void Files_AllHaveATest() => CollectionAssert.AreEquivalent(
        Directory.GetFiles(s_folder).Select(Path.GetFileName).ToArray(),
        new[]
        {
            "audio.csv", "audio2.csv", "blank.csv", "blankrows.csv", "codes.csv", "cp1252.csv", "deccomma_quoted.csv",
            "dupheader.csv", "dupkey.json", "headerspace.csv", "lines.json", "lines.jsonl", "missingkey.json", "na.csv",
            "names.csv", "nan.csv", "nan.json", "onetrailing.csv", "pandas_index.csv", "semicolon.csv", "subjects.csv",
            "utf16le_bom.csv", "utf8bom.csv", "utf8bom.json",
        });

    private static SpeechMetadata Load(string file) => SpeechMetadata.Load(Path.Combine(s_folder, file), s_columns);

    private static SpeechMetadata LoadCodes(SpeechMetadataColumns columns) =>
        SpeechMetadata.Load(Path.Combine(s_folder, "codes.csv"), columns);
}
