using Microsoft.ML;
using SpeechML.Sweeps.Analysis;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class SweepStudyTests
{
    [TestMethod]
    public void Open_StudyOfASweep_IsWhatTheSweepGave()
    {
        using var scratch = new Scratch();
        using SweepResult result = SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads())
            .SetPruner(SweepPruner.Asha()).SetSeedsPerTrial(2).SetMaxTrials(5).SetStudy(scratch.At("study")).Run();
        SweepStudy study = SweepStudy.Open(scratch.At("study"));
        Assert.AreEqual("study", study.Name);
        Assert.AreEqual(SpeechMetrics.Accuracy, study.Metric);
        Assert.AreEqual("ASHA from 1 epochs by 3", study.Settings["pruner"]);
        Assert.AreEqual(result.BestTrial.Number, study.Ranked[0].Number);
        CollectionAssert.AreEqual(result.CompareBest().ToArray(), study.CompareBest().ToArray());
        result.SaveCsv(scratch.At("result.csv"));
        study.SaveCsv(scratch.At("study.csv"));
        Assert.AreEqual(File.ReadAllText(scratch.At("result.csv")), File.ReadAllText(scratch.At("study.csv")));
        CollectionAssert.AreEqual(
            result.Trials.SelectMany(t => t.Runs).SelectMany(r => r.Curve).ToArray(),
            study.Trials.SelectMany(t => t.Runs).SelectMany(r => r.Curve).ToArray());
    }

    [TestMethod]
    public void Open_NoStudy_SaysSo()
    {
        using var scratch = new Scratch();
        FileNotFoundException e = Assert.ThrowsExactly<FileNotFoundException>(() => SweepStudy.Open(scratch.Folder));
        Assert.AreEqual($"Study '{scratch.Folder}': expected a folder with a study.jsonl, got none.", e.Message);
    }

    [TestMethod]
    public void Open_LogOfAnEarlierVersion_NamesBothFormats()
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch.At("study.jsonl"),
            """{"event":"study","Format":1,"Identity":{"metric":"Accuracy"},"At":"2026-01-01T00:00:00Z"}""" + "\n");
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => SweepStudy.Open(scratch.Folder));
        Assert.AreEqual(
            $"Study '{scratch.Folder}': expected a log of format 2, got format 1. An earlier version of SpeechML " +
            "wrote it: finish it with that version, or give this sweep a folder of its own.", e.Message);
    }

    /// <summary>On a full grid of an additive function the shares are those of the analysis of variance.</summary>
    [TestMethod]
    public void Importance_AdditiveFunctionOnAGrid_IsTheAnalysisOfVariance()
    {
        double[] rates = [1e-4, 1e-3, 1e-2];
        string[] kinds = ["a", "b"];
        int[] repeats = [0, 1, 2, 3];
        SweepTrial[] trials = [.. rates.SelectMany(r => kinds.SelectMany(k => repeats.Select(n => (r, k, n))))
            .Select((p, i) => Trial(i + 1, Math.Log10(p.r) + (p.k == "a" ? 1 : 0), ("rate", p.r), ("kind", p.k),
                ("nothing", p.n)))];
        IReadOnlyDictionary<string, double> shares = Study(trials).Importance();
        // Variances: rate (-1, 0, 1) 2/3, kind (0, 1) 1/4.
        Assert.AreEqual((2 / 3.0) / ((2 / 3.0) + 0.25), shares["rate"], 0.05);
        Assert.AreEqual(0.25 / ((2 / 3.0) + 0.25), shares["kind"], 0.05);
        Assert.AreEqual(0, shares["nothing"], 0.02);
        Assert.AreEqual("rate", shares.Keys.First());
    }

    [TestMethod]
    public void Importance_ProductOfTwo_IsAllInteraction()
    {
        double[] both = [-1, 1];
        SweepTrial[] trials = [.. both.SelectMany(a => both.SelectMany(b => Enumerable.Range(0, 6).Select(_ => (a, b))))
            .Select((p, i) => Trial(i + 1, p.a * p.b, ("a", p.a), ("b", p.b)))];
        IReadOnlyDictionary<string, double> shares = Study(trials).Importance();
        Assert.IsLessThan(0.15, shares.Values.Sum());
    }

    [TestMethod]
    public void Importance_NothingToExplain_IsEmpty()
    {
        Assert.HasCount(0, Study([.. Enumerable.Range(1, 5).Select(i => Trial(i, 0.5, ("a", i)))]).Importance());
        Assert.HasCount(0, Study([Trial(1, 0.5, ("a", 1)), Trial(2, 0.6, ("a", 2))]).Importance());
    }

    [TestMethod]
    public void TrialInterval_KnownQuantiles()
    {
        // Tables of Student's t, two-sided 5 %.
        Assert.AreEqual(12.7062, TrialInterval.Quantile(1), 1e-4);
        Assert.AreEqual(2.7764, TrialInterval.Quantile(4), 1e-4);
        Assert.AreEqual(2.0423, TrialInterval.Quantile(30), 1e-4);
        SweepTrial trial = Trial(1,
            0.5) with
        { Runs = [.. new[] { 0.4, 0.5, 0.6 }.Select((v, i) => new SweepRun(i, 0, i, [], v))] };
        (double low, double high) = TrialInterval.Of(trial, 1)!.Value;
        Assert.AreEqual(4.30265 * Math.Sqrt(0.01 / 3), (high - low) / 2, 1e-5);
        (low, high) = TrialInterval.Of(trial, 3)!.Value;
        Assert.AreEqual(4.30265 * Math.Sqrt(0.01 * ((1 / 3.0) + 0.5)), (high - low) / 2, 1e-5);
        Assert.IsNull(TrialInterval.Of(Trial(1, 0.5), 1));
    }

    [TestMethod]
    public void CompareBest_PairedRuns_IsThePairedTest()
    {
        SweepTrial With(int number, params double[] values) =>
            Trial(number, values.Average()) with { Runs = [.. values.Select((v, i) => new SweepRun(i, i, 0, [], v))] };
        SweepComparison compared = Study([With(1, 0.81, 0.79, 0.84, 0.80), With(2, 0.78, 0.77, 0.80, 0.79)])
            .CompareBest()[0];
        // By hand: t = 0.025 / sqrt(0.0005 / 3 / 4) = sqrt(15); with 3 degrees of freedom p = 1 - 2/pi (atan(sqrt(5)) +
        // sqrt(5) / 6).
        Assert.AreEqual(0.025, compared.MeanDifference, 1e-12);
        Assert.AreEqual(1 - (2 / Math.PI * (Math.Atan(Math.Sqrt(5)) + (Math.Sqrt(5) / 6))), compared.PValue!.Value,
            1e-10);
    }

    private static SweepStudy Study(SweepTrial[] trials) =>
        new("study", SpeechMetrics.Accuracy, 1, trials, new Dictionary<string, string>());

    private static SweepTrial Trial(int number, double value, params (string Name, object Value)[] parameters) =>
        new(number, SweepTrialState.Finished, parameters.ToDictionary(p => p.Name, p => p.Value), [], value, null, 1, 1,
            null);
}
