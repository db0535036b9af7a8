using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Audio.Common;
using SpeechML.Data.Metadata;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>One person under several spellings is one person.</summary>
[TestClass]
public sealed class SpellingTests
{
    [TestMethod]
    [DataRow(" S01\t", "S01")]
    [DataRow("\u00A0Anna \u3000 Maria\u200B\u202C", "Anna Maria")]
    [DataRow("Jose\u0301", "José")]
    [DataRow("a\r\nb", "a\r\nb")]
    [DataRow("\uFEFF\u00AD", "")]
    public void Fold_WhatCannotBeSeen_Goes(string text, string folded) => Assert.AreEqual(folded, Spelling.Fold(text));

    [TestMethod]
    [DataRow("S01", "s1")]
    [DataRow("144", "0144.00")]
    [DataRow("JOSÉ", " jose\u0301 ")]
    [DataRow("P-007-x", "p-7-X")]
    [DataRow("0", "00")]
    public void Key_SpellingsOfOneName_AreEqual(string one, string other) =>
        Assert.AreEqual(Spelling.Key(one), Spelling.Key(other));

    [TestMethod]
    [DataRow("S1", "S10")]
    [DataRow("144", "1440")]
    [DataRow("1.01", "1.1")]
    [DataRow("1.10", "1.1")]
    [DataRow("S1", "S-1")]
    [DataRow("1001", "11")]
    [DataRow("Jose", "José")]
    public void Key_OtherNames_Differ(string one, string other) =>
        Assert.AreNotEqual(Spelling.Key(one), Spelling.Key(other));

    /// <summary>UAX #15, table 3 to 5 and part of NormalizationTest.txt; string.Normalize does nothing here.</summary>
    [TestMethod]
    [DataRow("A\u030A", "\u00C5")]
    [DataRow("\u212B", "\u00C5")]
    [DataRow("s\u0323\u0307", "\u1E69")]
    [DataRow("s\u0307\u0323", "\u1E69")]
    [DataRow("\u1E0B\u0323", "\u1E0D\u0307")]
    [DataRow("q\u0307\u0323", "q\u0323\u0307")]
    [DataRow("\u0344", "\u0308\u0301")]
    [DataRow("\u0958", "\u0915\u093C")] // excluded from composition
    [DataRow("\u1112\u1161\u11AB", "\uD55C")]
    [DataRow("\uD55C", "\uD55C")]
    [DataRow("\uFB01", "\uFB01")] // compatibility only
    [DataRow("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    public void Compose_Text_IsFormC(string text, string composed) =>
        Assert.AreEqual(composed, UnicodeForm.Compose(text));

    [TestMethod]
    public void SplitBySubject_SpellingsOfAPerson_AreInOnePartAndSaid()
    {
        (MLContext mlContext, IDataView data, List<string> log) = Load();
        string[] subjects = [.. data.GetColumn<string>("speaker")], keys = [.. data.GetColumn<string>("file")];
        for (int seed = 0; seed < 20; seed++)
        {
            SpeechDataSplit split = mlContext.Speech().SplitBySubject(
                data, "speaker", "file",
                new SubjectSplitOptions { Seed = seed, Train = 0.5, Validation = 0.25, Test = 0.25 });
            Dictionary<string, SplitPart> parts = split.Split.Keys.Zip(split.Split.Parts).ToDictionary();
            foreach (var person in subjects.Zip(keys).GroupBy(p => Spelling.Key(p.First)))
            {
                Assert.AreEqual(
                    1, person.Select(p => parts[p.Second]).Distinct().Count(), $"{person.Key}, seed {seed}");
            }
        }
        CollectionAssert.Contains(log,
            "column 'speaker': 3 subjects have several spellings and count as one each: 'S01', 's01'; '144', " +
            "'144.00', " +
            "'0144'; 'José', 'JOSÉ'");
        StringAssert.StartsWith(log[1],
            "split 'split_train50_val25_test25_stratify5_seed0': part Train has ");
    }

    [TestMethod]
    public void Folds_SpellingsOfAPerson_AreNeverOnBothSides()
    {
        (MLContext mlContext, IDataView data, _) = Load();
        (IDataView Train, IDataView Test)[] folds =
        [
            .. mlContext.Speech().KFoldBySubject(data, "speaker", 3).Select(f => (f.TrainSet, f.TestSet)),
            .. mlContext.Speech().LeaveOneSubjectOut(data, "speaker").Select(f => (f.Train, f.Test)),
        ];
        Assert.HasCount(3 + 9, folds);
        foreach ((IDataView train, IDataView test) in folds)
        {
            Assert.IsEmpty(People(train).Intersect(People(test)));
        }

        static HashSet<string> People(IDataView part) => [.. part.GetColumn<string>("speaker").Select(Spelling.Key)];
    }

    [TestMethod]
    public void OnePerSubject_SpellingsOfAPerson_LeaveOneClip()
    {
        SpeechMetadata read = SpeechMetadata.Load(File, Columns).OnePerSubject();
        Assert.AreEqual("S01 144 S02 José S05 S06 S07 S08 S09", string.Join(' ', read.Rows.Select(r => r.Subject)));
    }

    private static string File => Path.Combine(RepositoryFiles.Fixtures, "tables", "subjects.csv");

    private static SpeechMetadataColumns Columns =>
        new() { AudioKey = "file", Subject = "speaker", Features = ["hoarse"] };

    private static (MLContext Context, IDataView Data, List<string> Log) Load()
    {
        var mlContext = new MLContext(seed: 1);
        var log = new List<string>();
        mlContext.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                log.Add(e.RawMessage);
            }
        };
        return (mlContext, mlContext.Speech().LoadMetadata(File, Columns), log);
    }
}
