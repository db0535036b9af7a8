using SpeechML.Audio.Common;
using SpeechML.Data.Metadata;

namespace SpeechML.Data.Tests;

[TestClass]
public sealed class CsvFileTests
{
    [TestMethod]
    [DataRow("a,b\n1,2\n", "a|b;1|2")]
    [DataRow("a,b\r\n1,2", "a|b;1|2")]
    [DataRow("\uFEFFa,b\n\"x,\"\"y\"\"\",\n", "a|b;x,\"y\"|")]
    [DataRow("a\n\n\nb\n", "a;b")]
    [DataRow("\"two\nlines\",z\nlast,1\n", "two\nlines|z;last|1")]
    [DataRow("\"\",x\n", "|x")]
    [DataRow(",\n", "|")]
    [DataRow("", "")]
    public void Read_Rfc4180_FieldsAsWritten(string text, string expected) =>
        Assert.AreEqual(expected,
            string.Join(';', CsvFile.Read(new StringReader(text), "f.csv").Select(r => string.Join('|', r.Fields))));

    [TestMethod]
    public void Read_FieldsOverLines_LineIsWhereTheRecordStarts() =>
        CollectionAssert.AreEqual(
            new[] { 1, 3, 5 }, CsvFile.Read(new StringReader("\"a\nb\"\n\"c\nd\"\ne"), "f.csv").Select(r => r.Line)
            .ToArray());

    [TestMethod]
    [DataRow("a\n\"b\n", "'f.csv', line 2: expected a closing quote, got the end of the file.")]
    [DataRow("a\nb\"c\n", "'f.csv', line 2: expected quotes around the whole field, got one inside 'b'.")]
    [DataRow("\"a\"b\n", "'f.csv', line 1: expected a comma or the end of the line after a closing quote, got 'b'.")]
    public void Read_BrokenQuotes_NamesTheLine(string text, string message) =>
        Assert.AreEqual(message,
            Assert.ThrowsExactly<InvalidDataException>(() => CsvFile.Read(new StringReader(text), "f.csv")
            .Count()).Message);

    [TestMethod]
    public void Line_AnyText_ReadsBackAsItWas()
    {
        var random = new SeededRandom(8);
        const string Alphabet = "ab,\"\r\n ü=+-@'\t1.";
        for (int round = 0; round < 500; round++)
        {
            string[] fields = [.. Enumerable.Range(0, 1 + random.Next(4))
                .Select(_ => new string(
                [.. Enumerable.Range(0, random.Next(6)).Select(_ => Alphabet[random.Next(Alphabet.Length)])])), "end"];
            CsvRow row = CsvFile.Read(new StringReader(CsvFile.Line(fields) + "\n"), "f.csv").Single();
            CollectionAssert.AreEqual(fields, Array.ConvertAll(row.Fields, CsvFile.Text));
        }
    }

    /// <summary>What a spreadsheet would evaluate begins with an apostrophe; numbers, and texts that are, do not.
    /// </summary>
    [TestMethod]
    [DataRow("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [DataRow("+1+1", "'+1+1")]
    [DataRow("-1+1", "'-1+1")]
    [DataRow("@SUM(A1)", "'@SUM(A1)")]
    [DataRow("\t=1", "'\t=1")]
    [DataRow("\r=1", "\"'\r=1\"")]
    [DataRow("\n=1", "\"'\n=1\"")]
    [DataRow("=A1,B1", "\"'=A1,B1\"")]
    [DataRow("\uFF1D1", "'\uFF1D1")]
    [DataRow("'=1", "''=1")]
    [DataRow("'tis", "'tis")]
    [DataRow("a=b", "a=b")]
    [DataRow("-1.5", "-1.5")]
    [DataRow("+2e-3", "+2e-3")]
    [DataRow(-1.5, "-1.5")]
    [DataRow(-7, "-7")]
    [DataRow(null, "")]
    public void Line_Cell_IsNotEvaluated(object? cell, string written) =>
        Assert.AreEqual(written, CsvFile.Line([cell]));
}
