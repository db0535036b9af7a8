using SpeechML.Data.Checking;

namespace SpeechML.Data.Tests.Speakers;

/// <summary>Subjects who sound like one another are found; different people are not.</summary>
[TestClass]
public sealed class VoiceFindingTests
{
    [TestMethod]
    [DataRow(4, 0.3)]
    [DataRow(1, 0.2)] // one clip each: nothing is known of a subject's own spread
    public void Find_OnePersonUnderTwoNames_IsFoundWithTheDistance(int clips, double spread)
    {
        SpeechDataFinding[] findings = [.. VoiceFindings.Find([Part(24, clips, spread, twin: true)])];
        Assert.HasCount(1, findings);
        Assert.AreEqual(SpeechDataProblem.SimilarVoices, findings[0].Problem);
        StringAssert.StartsWith(findings[0].Message,
            "Subjects 's3' and 'twin': expected the voices of two people, got a cosine distance of 0.");
        Assert.HasCount(2 * clips, findings[0].Clips);
    }

    [TestMethod]
    [DataRow(4, 0.3)]
    [DataRow(4, 3.0)] // embeddings that know no speakers
    [DataRow(1, 0.2)]
    public void Find_DifferentPeople_NoFinding(int clips, double spread) =>
        Assert.IsEmpty(VoiceFindings.Find([Part(24, clips, spread, twin: false)]));

    [TestMethod]
    public void Find_TwinsInTwoParts_AreFoundAcrossThem()
    {
        DataPart all = Part(24, 3, 0.3, twin: true);
        int cut = all.Keys.Length - 3;
        DataPart Of(string name, Range range) => new(name, all.Keys[range], all.Subjects![range], [])
        {
            Speakers = all.Speakers![range],
        };
        Assert.HasCount(1, VoiceFindings.Find([Of("train", ..cut), Of("test", cut..)]).ToArray());
    }

    private static DataPart Part(int subjects, int clips, double spread, bool twin)
    {
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(6.283 * random.NextDouble());
        double[][] people = [.. Enumerable.Range(0, subjects)
            .Select(_ => Enumerable.Range(0, 32).Select(_ => Normal()).ToArray())];
        List<(string Subject, double[] Voice)> all = [.. people.Select((p, s) => ($"s{s}", p))];
        if (twin)
        {
            all.Add(("twin", people[3]));
        }
        (string Subject, float[] Voice)[] rows = [.. all.SelectMany(s => Enumerable.Range(0, clips).Select(_ =>
            (s.Subject, s.Voice.Select(v => (float)(v + (spread * Normal()))).ToArray())))];
        return new DataPart("all", [.. rows.Select((_, i) => $"clip{i}")], [.. rows.Select(r => r.Subject)], [])
        {
            Speakers = [.. rows.Select(r => r.Voice)],
        };
    }
}
