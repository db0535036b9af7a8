using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Association;

/// <summary>Measures by label: medians, effect sizes of subjects, what is said where there are few.</summary>
[TestClass]
public sealed class CompareMeasuresTests
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void CompareMeasures_GroupsOfSubjects_HaveCliffsDeltaOfTheirMeans()
    {
        // Five subjects each, four clips of each; the first measure is greater in every ill one.
        MeasuredVoice[] clips = Clips(10, 4, s => s < 5 ? "ill" : "well", (s, i) => (s < 5 ? 10 : 0) + s + (0.1f * i));
        MeasureTable table = Compare(clips, "Group");
        Assert.AreEqual((40, 10, ""), (table.Clips, table.Subjects, table.NoInterval));
        LabelMeasures label = table.Labels.Single();
        Assert.AreEqual(("Group", MeasureEffect.CliffsDelta, ""), (label.Label, label.Effect, label.Note));
        MeasureAssociation first = label.Measures[0], constant = label.Measures[1];
        CollectionAssert.AreEqual(new[] { "well", "ill" }, first.Groups.Select(g => g.Name).ToArray());
        Assert.AreEqual((20, 5), (first.Groups[1].Clips, first.Groups[1].Subjects));
        Assert.AreEqual(12.15, first.Groups[1].Median.Estimate.Value!.Value, 1e-5);
        Assert.IsTrue(first.Groups[1].Median.Low.Value < 12.15 && first.Groups[1].Median.High.Value > 12.15);
        Assert.AreEqual(-1, first.Effect.Estimate.Value);
        Assert.AreEqual(2 / 252.0, first.PValue.Value!.Value, 1e-12);
        // Of two p-values the other is 1.
        Assert.AreEqual(4 / 252.0, first.Corrected.Value!.Value, 1e-12);
        Assert.AreEqual((0, 1, 1), (constant.Effect.Estimate.Value, constant.PValue.Value, constant.Corrected.Value));
        // More clips of a subject are no more subjects.
        MeasureAssociation again = Compare([.. clips, .. clips], "Group").Labels[0].Measures[0];
        Assert.AreEqual((first.Effect, first.PValue), (again.Effect, again.PValue));
    }

    [TestMethod]
    public void CompareMeasures_SubjectsInBothGroups_ArePaired()
    {
        // Subjects differ by far more than states do.
        MeasuredVoice[] clips = Clips(6, 4, _ => "", (s, i) => (100 * s) + (i % 2) + (0.001f * s));
        Array.ForEach(clips, c => c.State = c.Clip % 2 == 1);
        LabelMeasures label = Compare(clips, "State").Labels.Single();
        Assert.AreEqual(MeasureEffect.RankBiserial, label.Effect);
        MeasureAssociation first = label.Measures[0];
        Assert.AreEqual((1, 2 / 64.0), (first.Effect.Estimate.Value, first.PValue.Value));
        Assert.AreEqual((1, 1), (first.Effect.Low.Value, first.Effect.High.Value));
        CollectionAssert.AreEqual(new[] { "true", "false" }, first.Groups.Select(g => g.Name).ToArray());
    }

    [TestMethod]
    public void CompareMeasures_Number_HasSpearmansCorrelationOfSubjects()
    {
        MeasuredVoice[] clips = Clips(5, 3, _ => "", (s, i) => s == 4 && i == 0 ? float.NaN : -s * s);
        Array.ForEach(clips, c => c.Score = c.Number);
        LabelMeasures label = Compare(clips, "Score").Labels.Single();
        Assert.AreEqual(MeasureEffect.Spearman, label.Effect);
        MeasureAssociation first = label.Measures[0];
        Assert.AreEqual(-1, first.Effect.Estimate.Value!.Value, 1e-12);
        Assert.AreEqual(2 / 120.0, first.PValue.Value);
        Assert.AreEqual(("all", 14, 5), (first.Groups.Single().Name, first.Groups[0].Clips, first.Groups[0].Subjects));
        Assert.AreEqual("constant prediction", label.Measures[1].Note);
    }

    [TestMethod]
    public void CompareMeasures_ClassesAndVectors_AreComparedOneByOne()
    {
        MeasuredVoice[] clips = Clips(9, 2, s => $"c{s % 3}", (s, _) => s % 3);
        CollectionAssert.AreEqual(new[] { "Group: c0", "Group: c1", "Group: c2" },
            Compare(clips, "Group").Labels.Select(l => l.Label).ToArray());
        LabelMeasures last = Compare(clips, "Group").Labels[2];
        Assert.AreEqual(1, last.Measures[0].Effect.Estimate.Value);
        Assert.AreEqual("others", last.Measures[0].Groups[1].Name);
        // A rating of -1 or NaN is none.
        Array.ForEach(clips, c => c.Marks = [c.Number % 2, c.Number == 0 ? -1 : c.Number == 1 ? float.NaN : 1]);
        MeasureTable table = Compare(clips, "Marks");
        CollectionAssert.AreEqual(new[] { "Marks.0", "Marks.1" }, table.Labels.Select(l => l.Label).ToArray());
        StringAssert.Contains(table.Labels[1].Note, "expected 2 to 20 values, got 1");
        Assert.IsEmpty(table.Labels[1].Measures);
        // The ratings behind labels are numbers where they are asked for.
        Array.ForEach(clips, c => c.Ratings = [c.Number, c.Number % 3]);
        LabelMeasures rated = Compare(clips, "Ratings").Labels[1];
        Assert.AreEqual(MeasureEffect.Spearman, rated.Effect);
        Assert.AreEqual(1, rated.Measures[0].Effect.Estimate.Value!.Value, 1e-12);
    }

    [TestMethod]
    public void CompareMeasures_FewSubjects_SaysWhyThereIsNoInterval()
    {
        MeasuredVoice[] clips = Clips(4, 3, s => s == 0 ? "ill" : "well", (s, i) => s + i);
        MeasureTable unknown = _mlContext.Speech().CompareMeasures(View(clips), "Voice", "Group");
        Assert.AreEqual((0, "subjects are not known"), (unknown.Subjects, unknown.NoInterval));
        MeasureAssociation first = unknown.Labels[0].Measures[0];
        Assert.AreEqual((null, null, "subjects are not known"),
            (first.Groups[0].Median.Low.Value, first.Effect.Estimate.Value, first.Note));
        Assert.AreEqual(1, first.Groups[1].Median.Estimate.Value);

        LabelMeasures one = Compare(clips, "Group").Labels[0];
        StringAssert.StartsWith(one.Note, "Few subjects: no p-value can be below 0.5");
        Assert.AreEqual((1, null, "one subject with 'ill'"),
            (one.Measures[0].Effect.Estimate.Value, one.Measures[0].Effect.Low.Value, one.Measures[0].Note));
        Assert.AreEqual("one subject", one.Measures[0].Groups[1].Median.Low.Undefined);

        MeasureTable alone = Compare(Clips(1, 6, _ => "", (_, i) => i), "State");
        Assert.AreEqual("one subject", alone.NoInterval);
        MeasureTable nobody = Compare([.. clips.Select(c => c with { Subject = "" })], "Group");
        Assert.AreEqual("subjects are not known", nobody.NoInterval);
    }

    [TestMethod]
    public void MeasureTable_TextHtmlCsvAndJson_SayTheSame()
    {
        using var scratch = new Scratch();
        MeasuredVoice[] clips = Clips(10, 4, s => s < 5 ? "<ill>" : "well", (s, i) => (s < 5 ? 10 : 0) + s + i);
        MeasureTable table = Compare(clips, "Group");
        StringAssert.Contains($"{table}", "Measures by 'Group' (Cliff's delta of subjects' means):");
        StringAssert.Contains($"{table}", "effect -1.00 [-1.00, -1.00], p 0.008, corrected 0.016");
        string html = table.ToHtml();
        StringAssert.Contains(html, " 95 % intervals resample subjects.");
        StringAssert.Contains(Compare(clips, "Group", 0.9).ToHtml(), " 90 % intervals resample subjects.");
        StringAssert.Contains(html, "<th class=\"number\">Median, &lt;ill&gt;</th>");
        StringAssert.Contains(html, "-1.00<small>-1.00 to -1.00</small>");
        table.SaveCsv(scratch.At("table.csv"));
        string[] lines = File.ReadAllLines(scratch.At("table.csv"));
        Assert.HasCount(3, lines);
        StringAssert.StartsWith(lines[1], "Group,0,,well,20,5,");
        Assert.AreEqual(lines[0].Split(',').Length, lines[1].Split(',').Length);
        string json = JsonSerializer.Serialize(table, s_json);
        MeasureTable read = JsonSerializer.Deserialize<MeasureTable>(json, s_json)!;
        Assert.AreEqual($"{table}", $"{read}");
        // A space stands behind the longest name, too.
        string named = json.Replace("\"Measure\": \"0\"", "\"Measure\": \"intensity_sd_sounding\"",
            StringComparison.Ordinal).Replace("\"Unit\": \"\"", "\"Unit\": \"dB\"", StringComparison.Ordinal);
        StringAssert.Contains($"{JsonSerializer.Deserialize<MeasureTable>(named, s_json)}",
            "\n  intensity_sd_sounding dB ");
    }

    [TestMethod]
    public void CompareMeasures_WrongColumn_IsNamed()
    {
        IDataView data = View(Clips(2, 2, _ => "", (_, _) => 0));
        string Message(string voice, string label, string subject) => Assert.Throws<ArgumentException>(
            () => _mlContext.Speech().CompareMeasures(data, voice, label, subject)).Message;
        StringAssert.Contains(Message("Number", "Group", "Subject"), "measures column 'Number'");
        StringAssert.Contains(Message("Voice", "Other", "Subject"), "label column 'Other'");
        StringAssert.Contains(Message("Voice", "Group", "Number"), "subject column 'Number'");
    }

    private MeasureTable Compare(MeasuredVoice[] clips, string label, double confidence = 0.95) =>
        _mlContext.Speech().CompareMeasures(View(clips), "Voice", label, "Subject", new SubjectBootstrapOptions
        {
            Resamples = 200,
            Method = IntervalMethod.Percentile,
            Confidence = confidence,
        });

    private IDataView View(MeasuredVoice[] clips) => _mlContext.Data.LoadFromEnumerable(clips);

    private static MeasuredVoice[] Clips(
        int subjects, int each, Func<int, string> group, Func<int, int, float> measure) =>
        [.. Enumerable.Range(0, subjects).SelectMany(s => Enumerable.Range(0, each).Select(i => new MeasuredVoice
        {
            Subject = $"S{s}",
            Clip = i,
            Number = s,
            Group = group(s),
            Voice = [measure(s, i), 7],
        }))];

    private sealed record MeasuredVoice
    {
        public string Subject { get; set; } = "";

        public int Clip { get; set; }

        public int Number { get; set; }

        public string Group { get; set; } = "";

        public bool State { get; set; }

        public float Score { get; set; }

        [VectorType(2)]
        public float[] Marks { get; set; } = [0, 0];

        [VectorType(2)]
        public float[] Ratings { get; set; } = [0, 0];

        [VectorType(2)]
        public float[] Voice { get; set; } = [0, 0];
    }
}
