using System.Text;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>Tables as programs write them, beyond the files of <c>Fixtures/tables</c>.</summary>
[TestClass]
public sealed class TableReadingTests
{
    private static readonly SpeechMetadataColumns s_columns =
        new() { AudioKey = "file", Subject = "who", Features = ["r"] };

    [TestMethod]
    [DataRow("file;who;r\na;s;1,5\nb;t;0,125\nc;u;2.5\n", "a 1.5; b 0.125; c 2.5")] // Excel in Germany
    [DataRow("sep=;\r\nfile;who;r\r\na;s;1,5\r\n", "a 1.5")]
    [DataRow("sep=\t\nfile\twho\tr\na\ts\t2\n", "a 2")]
    [DataRow("file\twho\tr\na,b\ts\t2\n", "a,b 2")]
    [DataRow("file|who|r\na;b|s|-0,5\n", "a;b -0.5")]
    [DataRow("\"\",\"file\",\"who\",\"r\"\n\"1\",\"a\",\"s\",NA\n", "a NaN")] // write.csv of R
    [DataRow("file,who,r,,\na,s,1,,x\n,,,,\n\nb,t,2,,\n", "a 1; b 2")] // Excel's empty columns and rows
    [DataRow("\n,,\nfile,who,r\na,s,1\n", "a 1")]
    [DataRow("file\u00A0, who ,\tr\na,s, 1 \n", "a 1")]
    [DataRow("file,who,r\ra,s,1\rb,t,2", "a 1; b 2")] // classic Mac
    [DataRow("\uFEFFfile,who,r\na,s,1\n", "a 1")]
    public void Load_CsvOfAnyProgram_IsRead(string text, string rows) => Assert.AreEqual(rows, Rows(text, "m.csv"));

    [TestMethod]
    [DataRow("""[{"file":"a","who":"s"},{"file":"b","who":"t","r":2}]""", "a NaN; b 2")]
    [DataRow("""[{"file":"a","who":7,"r":null},{"file":"b","who":true,"r":"1.5","x":[1,{"y":2}]}]""", "a NaN; b 1.5")]
    [DataRow("""{"file":"a","who":"s","r":1}{"file":"b","who":"t","r":2}""", "a 1; b 2")]
    [DataRow("""[{"file ":"a"," who":"s","r":1,"":5}]""", "a 1")]
    public void Load_JsonOfAnyProgram_IsRead(string text, string rows) =>
        Assert.AreEqual(rows, Rows(text, "m.json"));

    [TestMethod]
    [DataRow("m.csv", "file;who;x\na;s;1\n",
        "'m.csv', line 1: expected a column 'r', got the columns 'file', 'who', 'x' (read with ';' between fields).")]
    [DataRow("m.csv", "file\twho\na\ts\n",
        "'m.csv', line 1: expected a column 'r', got the columns 'file', 'who' (read with a tab between fields).")]
    [DataRow("m.csv", "file;who;r\na;s;1,500\n",
        "'m.csv', line 2, column 'r': expected a number, -1 or nothing (missing), got '1,500'. Numbers have a " +
        "decimal " +
        "point: 1.5.")]
    [DataRow("m.csv", "file,who,r\na,s,1e999\n",
        "'m.csv', line 2, column 'r': expected a number, -1 or nothing (missing), got '1e999'.")]
    [DataRow("m.csv", "file,who,r\na,M\uFFFDller,1\n",
        "'m.csv', line 2, column 'who': expected text, got the character U+FFFD in 'M\uFFFDller'. A letter was lost " +
        "when the text was saved or read in another encoding: take the text from where it was whole.")]
    [DataRow("m.csv", "file,who,r\na,\u00A0\u200B,1\n",
        "'m.csv', line 2, column 'who': expected a subject, got an empty field.")]
    [DataRow("m.csv", "file,who, who,r\na,s,t,1\n", "'m.csv', line 1: expected every column once, got 'who' twice.")]
    [DataRow("m.json", """[{"file":"a","who":"s\uFFFD","r":1}]""",
        "'m.json', entry 0, column 'who': expected text, got the character U+FFFD in 's\uFFFD'. A letter was lost " +
        "when " +
        "the text was saved or read in another encoding: take the text from where it was whole.")]
    [DataRow("m.json", """[{"file":"a","who":"\ud800","r":1}]""",
        "'m.json', entry 0: expected whole characters, got half of one (\\uD800 to \\uDFFF).")]
    [DataRow("m.json", """[{"file":"a","who":"\u0000","r":1}]""",
        "'m.json', entry 0, column 'who': expected text, got the character U+0000 in '\0'. Remove it.")]
    [DataRow("m.json", """[{"file":"a","who":"s","r":1},{"file":"b","r":1}]""",
        "'m.json', entry 1, column 'who': expected a subject, got an empty field.")]
    [DataRow("m.json", """[{"file":"a","who":"s","r":1}] 5""", "'m.json': expected one array, got Number behind it.")]
    [DataRow("m.json", "[1]", "'m.json', entry 0: expected an object, got Number.")]
    [DataRow("m.json", "", "'m.json': expected an array of objects, one per clip, got nothing.")]
    [DataRow("m.json", "[]", "'m.json': expected at least one clip, got none.")]
    public void Load_WhatCannotBeRead_SaysWhy(string name, string text, string message) => Assert.AreEqual(
        message, Assert.ThrowsExactly<InvalidDataException>(() => Load(text, name, s_columns)).Message);

    [TestMethod]
    public void Load_JsonWithMoreColumnsThanASheet_IsRefused()
    {
        string keys = string.Join(',', Enumerable.Range(0, 16_400).Select(i => $"\"k{i}\":1"));
        Assert.AreEqual(
            "'m.json', entry 0: expected at most 16384 columns, got more. Are values used as names of columns?",
            Assert.ThrowsExactly<InvalidDataException>(
                () => Load($$"""[{"file":"a","who":"s",{{keys}}}]""", "m.json", s_columns)).Message);
    }

    [TestMethod]
    public void Load_SeparatorSaid_IsTaken()
    {
        SpeechMetadata read = Load("file,who,r~x~y\n1~2~3\n", "m.csv", new SpeechMetadataColumns
        {
            AudioKey = "file,who,r",
            Separator = "~",
        });
        Assert.AreEqual("1", read.Rows[0].AudioKey);
        Assert.AreEqual("3", read.Rows[0].Fields["y"]);
        Assert.AreEqual("Option Separator: expected one character, neither a quote nor a line break, got '\"'.",
            Assert.ThrowsExactly<ArgumentException>(
                () => Load("a", "m.csv", s_columns with { Separator = "\"" })).Message);
    }

    [TestMethod]
    public void Load_NoMissingRatings_MinusOneIsARating()
    {
        SpeechMetadata read = Load(
            "file,who,r\na,s,-1\nb,t,2\nc,u,\n", "m.csv", s_columns with { MissingRatings = [] });
        CollectionAssert.AreEqual(new[] { -1, 2, double.NaN }, read.Rows.Select(r => r.Ratings[0]).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1, double.NaN }, read.BinaryLabels(1).Select(l => l[0]).ToArray());
        CollectionAssert.AreEqual(new sbyte[] { 0, 1, -1 }, read.Strata(1)[0].Values.ToArray());
    }

    [TestMethod]
    [DataRow("utf-8", new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xC3 }, "line 2, column 2",
        "0xC3 behind 'b' (byte 3")]
    [DataRow("utf-8", new byte[] { 0xFF, (byte)'a' }, "line 1, column 1", "0xFF (byte 0")]
    [DataRow("utf-8", new byte[] { 0xEF, 0xBB, 0xBF, (byte)'a', 0x80 }, "line 1, column 2", "0x80 behind 'a' (byte 4")]
    [DataRow("utf-16", new byte[] { 0xFF, 0xFE, (byte)'a', 0, 0, 0xD8, (byte)'b', 0 }, "line 1, column 2",
        "0x00 behind 'a' (byte 4")]
    public void Text_BytesThatAreNotInTheEncoding_SayWhere(string encoding, byte[] bytes, string place, string got)
    {
        using var folder = new Scratch();
        File.WriteAllBytes(folder.At("m.csv"), bytes);
        Assert.AreEqual(
            $"'{folder.At("m.csv")}', {place}: expected {encoding} text, got the byte {got} of the file). Save the " +
            $"file as UTF-8 (Excel: 'CSV UTF-8').",
            Assert.ThrowsExactly<InvalidDataException>(() => StoragePath.ReadAllText(folder.At("m.csv"))).Message);
    }

    [TestMethod]
    public void Text_Utf16WithoutAMark_IsSaid()
    {
        using var folder = new Scratch();
        File.WriteAllBytes(folder.At("m.csv"), Encoding.Unicode.GetBytes("file,who,r\n"));
        Assert.AreEqual(
            $"'{folder.At("m.csv")}', line 1, column 2: expected utf-8 text, got the character U+0000, as in UTF-16 " +
            "without a byte order mark. Save the file as UTF-8.",
            Assert.ThrowsExactly<InvalidDataException>(
                () => SpeechMetadata.Load(folder.At("m.csv"), s_columns)).Message);
        Assert.AreEqual("a", SpeechMetadata.Load(
            Write(folder, Encoding.Unicode.GetBytes("file,who,r\na,s,1\n")), s_columns with { Encoding = "utf-16" })
            .Rows[0].AudioKey);
        Assert.AreEqual(
            "Encoding: expected the name of one, such as 'utf-8', 'windows-1252' or 'macintosh', got 'utf-9'.",
            Assert.ThrowsExactly<ArgumentException>(
                () => SpeechMetadata.Load(folder.At("m.csv"), s_columns with { Encoding = "utf-9" })).Message);
    }

    [TestMethod]
    public void Text_OfASplit_IsStrictToo()
    {
        using var folder = new Scratch();
        File.WriteAllBytes(folder.At("s.csv"), [.. "path,split\nM"u8, 0xFC, .. ",train\n"u8]);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidDataException>(() => SubjectSplit.Load(folder.At("s.csv"))).Message,
            $"'{folder.At("s.csv")}', line 2, column 2: expected utf-8 text, got the byte 0xFC behind 'M' (byte 12");
        File.WriteAllBytes(folder.At("s.json"), [.. "{\"train\":[\"M"u8, 0xFC, .. "\"],\"val\":[],\"test\":[]}"u8]);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidDataException>(() => SubjectSplit.Load(folder.At("s.json"))).Message,
            $"'{folder.At("s.json")}', line 1, column 13: expected utf-8 text, got the byte 0xFC");
    }

    private static string Write(Scratch folder, byte[] bytes)
    {
        File.WriteAllBytes(folder.At("m.csv"), bytes);
        return folder.At("m.csv");
    }

    private static string Rows(string text, string name) => string.Join("; ", Load(text, name, s_columns).Rows.Select(
        r => FormattableString.Invariant($"{r.AudioKey} {r.Ratings[0]}")));

    private static SpeechMetadata Load(string text, string name, SpeechMetadataColumns columns) =>
        SpeechMetadata.Load(new StringReader(text), name, columns);
}
