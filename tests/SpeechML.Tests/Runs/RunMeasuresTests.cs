using Microsoft.ML;
using SpeechML.Runs.Baselines;
using SpeechML.Tests.Training.Extras;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Runs;

/// <summary>What the numbers of a run's clips say: by label, to a linear model, clip by clip.</summary>
[TestClass]
public sealed class RunMeasuresTests
{
    private static readonly string[] s_columns = ["Voice", "Age"];
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("multi-label", "Labels", MeasureEffect.CliffsDelta, 2)]
    [DataRow("binary", "Label", MeasureEffect.CliffsDelta, 1)]
    [DataRow("multiclass", "Key", MeasureEffect.CliffsDelta, 3)]
    [DataRow("ordinal", "Key", MeasureEffect.Spearman, 1)]
    [DataRow("regression", "Number", MeasureEffect.Spearman, 1)]
    public void EvaluateBaselines_NumbersThatDecide_AreFoundByLabelAndByImportance(
        string task, string label, MeasureEffect effect, int labels)
    {
        using var scratch = new Scratch();
        (SpeechRun run, IDataView train, IDataView test, ITransformer model) = Run(scratch.Folder, task, label);
        using var fitted = model as IDisposable;
        using (run)
        {
            _ = run.EvaluateBaselines(_mlContext, train, test, Columns(label), s_columns);
            RunMeasures found = run.Measures.Single();
            Assert.AreEqual(("test", "Voice,Age"), (found.Split, found.Features));
            Assert.HasCount(labels, found.ByLabel.Labels);
            Assert.AreEqual((24, 24), (found.ByLabel.Clips, found.ByLabel.Subjects));
            LabelMeasures first = found.ByLabel.Labels[0];
            Assert.AreEqual(effect, first.Effect);
            CollectionAssert.AreEqual(
                new[] { "Voice: 0", "Voice: 1", "Voice: 2", "Age" }, first.Measures.Select(m => m.Measure).ToArray());
            Assert.IsTrue(found.ByLabel.Labels.Any(l =>
                Math.Abs(l.Measures[0].Effect.Estimate.Value!.Value) > 0.5 && l.Measures[0].Corrected.Value < 0.05));
            // What decides is what a linear model needs most.
            RunMeasureImportance[] all = [.. found.Importance.Where(m => m.Label.Length == 0)];
            CollectionAssert.AreEquivalent(first.Measures.Select(m => m.Measure).ToArray(),
                all.Select(m => m.Measure).ToArray());
            RunMeasureImportance most = all.MaxBy(m => m.Loss)!;
            Assert.AreEqual("Voice: 0", most.Measure);
            Assert.IsTrue(most.Loss > 0.1 && most.Interval!.Low.Value <= most.Loss
                && most.Interval.High.Value >= most.Loss, $"{most}");
            Assert.AreEqual(0, all.Single(m => m.Measure == "Voice: 2").Loss, "Always the same.");
            Assert.AreEqual(task == "multi-label" ? 12 : 4, found.Importance.Count);
            // The clips that are kept, among the training clips.
            CollectionAssert.AreEquivalent(
                run.Clips.Concat(run.TypicalClips).Select(c => c.AudioKey).ToArray(),
                found.Clips.Select(c => c.AudioKey).ToArray());
            ClipMeasure age = found.Clips[0].Measures[3];
            int number = int.Parse(found.Clips[0].AudioKey[4..^4], System.Globalization.CultureInfo.InvariantCulture);
            // Ages 20 to 43 were learned from: median 31.5, median absolute deviation 6.
            Assert.AreEqual((20.0 + number, 100.0), (age.Value!.Value, age.Percentile!.Value));
            Assert.AreEqual((age.Value.Value - 31.5) / (1.4826 * 6), age.RobustZ!.Value, 1e-6);
            Assert.IsNull(found.Clips[0].Measures[2].RobustZ);
            // Made again the same, and in the place of what was there.
            _ = run.EvaluateBaselines(_mlContext, train, test, Columns(label), s_columns);
            Assert.IsTrue(run.Measures.Single().Importance.SequenceEqual(found.Importance));
        }
    }

    [TestMethod]
    public void EvaluateBaselines_SubjectsNotKnown_HasNoIntervalsAndSaysWhy()
    {
        using var scratch = new Scratch();
        (SpeechRun run, IDataView train, IDataView test, ITransformer model) =
            Run(scratch.Folder, "binary", "Label", subject: "");
        using var fitted = model as IDisposable;
        using (run)
        {
            _ = run.EvaluateBaselines(
                _mlContext, train, test, new SpeechRunColumns { AudioKey = "Path" }, s_columns);
            RunMeasures found = run.Measures.Single();
            Assert.AreEqual("subjects are not known", found.ByLabel.NoInterval);
            Assert.IsTrue(found.Importance.All(m => m.Interval is null && m.NoInterval == "subjects are not known"));
            Assert.IsTrue(found.Importance.Max(m => m.Loss) > 0.1);
        }
    }

    [TestMethod]
    public void Of_AcousticMeasures_HaveTheirGroupsToo()
    {
        PermutedMeasure[] measures = PermutedMeasure.Of([.. VoiceMeasures.All.Select(m => (m.Name, m.Unit))]);
        Assert.HasCount(54 + VoiceMeasures.All.GroupBy(m => m.Group).Count(g => g.Count() > 1), measures);
        CollectionAssert.AreEqual(
            VoiceMeasures.All.Index().Where(m => m.Item.Group == "jitter").Select(m => m.Index).ToArray(),
            measures.Single(m => m.Name == "all of jitter").Columns);
    }

    [TestMethod]
    public void All_PermutedMeasure_KeepsItsSignAndTheOthers()
    {
        float[][] clips = [.. Enumerable.Range(0, 4).Select(i => new float[] { i, 10 + i, 100 + i, 1000 + i })];
        var rows = new PermutedRows(clips, [new PermutedMeasure("second", [1])], 3);
        float[][] all = [.. rows.All()];
        Assert.HasCount(rows.Blocks * clips.Length, all);
        float[][] block = all[(rows.Block(0, 0) * 4)..][..4];
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3 }, block.Select(r => r[0]).ToArray());
        CollectionAssert.AreEqual(new float[] { 100, 101, 102, 103 }, block.Select(r => r[2]).ToArray());
        CollectionAssert.AreEquivalent(new float[] { 10, 11, 12, 13 }, block.Select(r => r[1]).ToArray());
        Assert.IsTrue(block.All(r => r[3] - 1000 == r[1] - 10));
    }

    private static SpeechRunColumns Columns(string label) =>
        new() { Label = label, AudioKey = "Path", Subject = "Subject" };

    private (SpeechRun Run, IDataView Train, IDataView Test, ITransformer Model) Run(
        string runs, string task, string label, string subject = "Subject")
    {
        MeasuredClip[] rows = MeasuredClips.Rows(44);
        Array.ForEach(rows, r => r.Subject = r.Path); // one clip each, so that every label is of subjects
        IDataView all = MeasuredClips.View(_mlContext, rows);
        if (label == "Key")
        {
            all = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Level", keyOrdinality:
                Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(all).Transform(all);
        }
        IDataView train = _mlContext.Data.TakeRows(all, 24), test = _mlContext.Data.SkipRows(all, 24);
        SpeechTrainingOptions? options = null;
        ITransformer model = MeasuredClips.Fit(_mlContext, task, train, o =>
        {
            (o.ExtraFeatures, o.Freezing, o.Epochs) = ("", LayerFreezing.All, 1);
            options = o;
        });
        SpeechRun run = _mlContext.Speech().CreateRun(
            runs, options!, new SpeechRunOptions { WorstClips = 2, ExplainedClips = 0, Resamples = 200 });
        SpeechRunColumns columns = Columns(label);
        columns.Subject = subject;
        run.Evaluate(model, test, columns);
        return (run, train, test, model);
    }
}
