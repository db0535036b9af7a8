using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Tests;

/// <summary>What decides, without anything that trains.</summary>
[TestClass]
public sealed class StudyTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(60);
    private readonly ImpatientTime _time = new();

    [TestMethod]
    public void Take_LeaseRunsOut_TrialGoesToAnotherFromItsLastEpoch()
    {
        using var scratch = new Scratch();
        using Study first = Share(scratch.Folder);
        using Study second = Share(scratch.Folder);
        TrialLease lost = first.AskForTrial("a/1").Lease!;
        Assert.AreEqual(1, lost.Number);
        Assert.IsTrue(first.Report(lost, Epoch(1, 1)));
        TrialLease other = second.AskForTrial("b/1").Lease!;
        Assert.AreEqual(2, other.Trial.Number);
        second.End(other, new TrialEnded(2, SweepTrialState.Finished, 1, null));
        Assert.AreEqual(NextTrial.Later, second.AskForTrial("b/2"), "the first may yet end its trial");
        _time.Advance(s_lease * 0.9);
        first.Renew(lost);
        Assert.AreEqual(NextTrial.Later, second.AskForTrial("b/2"));
        _time.Advance(s_lease * 0.9);
        Assert.AreEqual(NextTrial.Later, second.AskForTrial("b/2"), "it has shown a sign of life");
        _time.Advance(s_lease * 0.2);
        TrialLease taken = second.AskForTrial("b/2").Lease!;
        Assert.AreEqual((1, 2), (taken.Trial.Number, taken.Number));
        Assert.HasCount(1, taken.Trial.Runs[0].Epochs);

        // The first was only slow: nothing that it says counts any more.
        TrialLostException refused = Assert.ThrowsExactly<TrialLostException>(() => first.Report(lost, Epoch(1, 2)));
        Assert.AreEqual("Trial 1: expected lease 1 to hold, got lease 2 of worker 'b/2'.", refused.Message);
        Assert.ThrowsExactly<TrialLostException>(() => first.Renew(lost));
        Assert.ThrowsExactly<TrialLostException>(() => first.Report(lost, new RunEnded(1, 0, 0.9)));
        Assert.ThrowsExactly<TrialLostException>(() =>
            first.End(lost, new TrialEnded(1, SweepTrialState.Failed, 1, "late")));
        first.Release(lost);
        Assert.IsTrue(second.Report(taken, Epoch(1, 2)));
        second.End(taken, new TrialEnded(1, SweepTrialState.Finished, 1, null));
        Assert.ThrowsExactly<TrialLostException>(() =>
            first.End(lost, new TrialEnded(1, SweepTrialState.Finished, 1, null)));
        Assert.AreEqual(NextTrial.Done, first.AskForTrial("a/2"));
        List<StudyEvent> events = StudyLog.Read(scratch.Folder);
        Assert.HasCount(2, events.OfType<EpochEnded>());
        CollectionAssert.AreEqual(new[] { 2, 1 }, events.OfType<TrialEnded>().Select(e => e.Trial).ToArray());
    }

    [TestMethod]
    public void EveryCall_Repeated_IsCountedOnce()
    {
        using var scratch = new Scratch();
        using Study study = Share(scratch.Folder);
        TrialLease lease = study.AskForTrial("a/1").Lease!;
        Assert.AreSame(lease.Trial, study.AskForTrial("a/1").Lease!.Trial, "the answer was lost");
        for (int i = 0; i < 2; i++)
        {
            Assert.IsTrue(study.Report(lease, Epoch(1, 1)));
        }
        for (int i = 0; i < 2; i++)
        {
            study.Report(lease, new RunEnded(1, 0, 0.5));
        }
        for (int i = 0; i < 2; i++)
        {
            Assert.HasCount(0, study.End(lease, new TrialEnded(1, SweepTrialState.Finished, 1, null)));
        }
        CollectionAssert.AreEqual(
            new[] { typeof(StudyBegun), typeof(TrialBegun), typeof(EpochEnded), typeof(RunEnded), typeof(TrialEnded) },
            StudyLog.Read(scratch.Folder).Select(e => e.GetType()).ToArray());
    }

    [TestMethod]
    public void Release_GivenBack_IsAnothersAtOnce()
    {
        using var scratch = new Scratch();
        using Study first = Share(scratch.Folder);
        using Study second = Share(scratch.Folder);
        TrialLease lease = first.AskForTrial("a/1").Lease!;
        first.Release(lease);
        Assert.AreEqual(2, second.AskForTrial("b/1").Lease!.Number);
        Assert.ThrowsExactly<TrialLostException>(() => first.Renew(lease));
    }

    [TestMethod]
    public void Take_FiveWorkersDieOfATrial_ItFailsAndTheStudyGoesOn()
    {
        using var scratch = new Scratch();
        using Study study = Share(scratch.Folder);
        TrialLease good = study.AskForTrial("w/good").Lease!;
        study.End(good, new TrialEnded(1, SweepTrialState.Finished, 1, null));
        for (int i = 1; i <= 5; i++)
        {
            Assert.AreEqual((2, i),
                study.AskForTrial($"w/{i}").Lease is { } lease ? (lease.Trial.Number, lease.Number) : default);
            _ = study.AskForTrial("looks on");
            _time.Advance(s_lease);
        }
        Assert.AreEqual(NextTrial.Done, study.AskForTrial("w/6"));
        Assert.AreEqual(SweepTrialState.Failed, study.Trials[1].State);
        Assert.StartsWith(
            "Trial abandoned: 5 workers in a row stopped responding before finishing an epoch, possibly " +
            "because it exhausts memory.",
            study.Trials[1].Error!);
    }

    [TestMethod]
    public void Cancel_TrialOfAWorker_EndsItForItsWorker()
    {
        using var scratch = new Scratch();
        using Study study = Share(scratch.Folder);
        TrialLease lease = study.AskForTrial("a/1").Lease!;
        Assert.IsTrue(study.Cancel(1));
        Assert.IsFalse(study.Cancel(1));
        Assert.IsFalse(study.Cancel(7));
        Assert.AreEqual("Trial 1: expected lease 1 to hold, got a trial that has ended (Cancelled).",
            Assert.ThrowsExactly<TrialLostException>(() => study.Report(lease, Epoch(1, 1))).Message);
    }

    [TestMethod]
    public void Report_PoorTrial_IsNotToGoOn_AndIsStoppedByWhoTakesItOver()
    {
        using var scratch = new Scratch();
        using Study first = Share(scratch.Folder, SweepPruner.Asha());
        using Study second = Share(scratch.Folder, SweepPruner.Asha());
        TrialLease good = first.AskForTrial("a/1").Lease!;
        TrialLease poor = first.AskForTrial("a/2").Lease!;
        Assert.IsTrue(first.Report(good, Epoch(1, 1, accuracy: 0.9)));
        Assert.IsFalse(first.Report(poor, Epoch(2, 1, accuracy: 0.1)));
        _ = second.AskForTrial("b/1");
        _time.Advance(s_lease);
        TrialLease[] taken = [second.AskForTrial("b/2").Lease!, second.AskForTrial("b/3").Lease!];
        Assert.IsTrue(taken.Single(t => t.Trial.Number == 1).IsWorthResuming);
        Assert.IsFalse(taken.Single(t => t.Trial.Number == 2).IsWorthResuming);
    }

    [TestMethod]
    public void TwoLogs_WritingAtTheSameTime_AgreeOnOneOrder()
    {
        using var scratch = new Scratch();
        const int Each = 100;
        void Write(string worker)
        {
            using var study = new Study(
                Rules(SweepPruner.None, 2 * Each), new SharedStudyFile(scratch.Folder),
                new StoredLeases(scratch.Folder, s_lease));
            for (int i = 0; i < Each; i++)
            {
                TrialLease lease = study.AskForTrial($"{worker}/{i}").Lease!;
                study.End(lease, new TrialEnded(lease.Trial.Number, SweepTrialState.Finished, 1, worker));
            }
        }
        Parallel.Invoke(() => Write("a"), () => Write("b"));
        List<StudyEvent> events = StudyLog.Read(scratch.Folder);
        CollectionAssert.AreEqual(
            Enumerable.Range(1, 2 * Each).ToArray(), events.OfType<TrialBegun>().Select(e => e.Trial).ToArray());
        Assert.HasCount(2 * Each, events.OfType<TrialEnded>().DistinctBy(e => e.Trial));
        Assert.IsTrue(events.OfType<TrialEnded>()
            .All(e => events.OfType<TrialBegun>()
            .Single(b => b.Trial == e.Trial).Worker!.StartsWith(e.Error!, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void SharedFile_TornLine_IsCutOffByTheNextAppend()
    {
        using var scratch = new Scratch();
        string file = scratch.At(StudyLog.FileName);
        using var log = new SharedStudyFile(scratch.Folder);
        log.TryAppend(new RunEnded(1, 0, 1));
        File.AppendAllText(file, "{\"event\":\"ru");
        Assert.HasCount(0, log.ReadNew());
        Assert.IsTrue(log.TryAppend(new RunEnded(1, 1, 1)));
        Assert.HasCount(2, StudyLog.Read(scratch.Folder));
        using var other = new SharedStudyFile(scratch.Folder);
        Assert.IsFalse(other.TryAppend(new RunEnded(2, 0, 1)), "it does not know the others yet");
        Assert.HasCount(2, other.ReadNew());
        Assert.IsTrue(other.TryAppend(new RunEnded(2, 0, 1)));
        Assert.HasCount(1, log.ReadNew());
    }

    [TestMethod]
    public void Folder_AloneAndShared_NeverBoth()
    {
        using var scratch = new Scratch();
        using (new SharedStudyFile(scratch.Folder))
        using (new SharedStudyFile(scratch.Folder))
        {
            Assert.StartsWith(
                $"Study '{scratch.Folder}': expected a folder that can be written to and that no other process is " +
                $"running a sweep in, got",
                Assert.ThrowsExactly<IOException>(() => StudyLog.Open(scratch.Folder)).Message);
        }
        using (StudyLog.Open(scratch.Folder))
        {
            Assert.StartsWith(
                $"Study '{scratch.Folder}': expected a folder that can be written to and that no process is running " +
                $"a sweep in by itself, got",
                Assert.ThrowsExactly<IOException>(() => new SharedStudyFile(scratch.Folder)).Message);
        }
    }

    [TestMethod]
    public void StoredLog_FaultsAndTwoWriters_OneOrderAndNothingTwice()
    {
        var storm = new FaultStorm(3, 0.15);
        using var bucket = new TestBucket();
        bucket.Server.Storm = storm.Next;
        const int Each = 12;
        string study = TestBucket.At("studies/s");
        void Write(string worker)
        {
            using var log = new StoredStudyLog(study);
            int written = 0;
            while (written < Each)
            {
                _ = log.ReadNew();
                written += log.TryAppend(new TrialEnded(written, SweepTrialState.Finished, 1, worker)) ? 1 : 0;
            }
        }
        Assert.IsFalse(StudyLog.Exists(study));
        Parallel.Invoke(() => Write("a"), () => Write("b"));
        Assert.IsTrue(StudyLog.Exists(study));
        List<StudyEvent> events = StudyLog.Read(study);
        Assert.HasCount(2 * Each, events);
        foreach (string worker in new[] { "a", "b" })
        {
            CollectionAssert.AreEqual(Enumerable.Range(0, Each).ToArray(),
                events.OfType<TrialEnded>().Where(e => e.Error == worker).Select(e => e.Trial).ToArray());
        }
        CollectionAssert.AllItemsAreUnique(bucket.Server.Backend.Writes);
        Assert.IsGreaterThan(4, storm.Kinds.Count);
    }

    [TestMethod]
    public void StoredLeases_SignsAndEnd_AreSeenByOthers()
    {
        using var bucket = new TestBucket();
        var leases = new StoredLeases(TestBucket.At("s"), s_lease);
        var others = new StoredLeases(TestBucket.At("s"), s_lease);
        Assert.AreEqual(0, others.Sign(3, 1));
        leases.Renew(3, 1);
        long first = others.Sign(3, 1);
        leases.Renew(3, 1);
        Assert.AreNotEqual(first, others.Sign(3, 1));
        Assert.AreEqual(0, others.Sign(3, 2));
        leases.End(3, 1);
        leases.End(3, 1);
        Assert.HasCount(0, bucket.Server.Backend.Names);
    }

    private static StudyRules Rules(SweepPruner pruner, int trials) =>
        new(new ParameterSpace([Range("x", 0.0, 1.0)]), new RunPlan(SpeechMetrics.Accuracy, 1, 1, 0, true),
            new SweepSettings { Tuner = SweepTuner.Random(), Pruner = pruner, Seed = 1, MaxTrials = trials });

    private static EpochEnded Epoch(int trial, int epoch, double accuracy = 0.5) =>
        new(trial, 0, epoch, 9, epoch, 1,
            new ValidationMetrics(1, new Dictionary<string, MetricValue> { ["accuracy"] = accuracy }), epoch, 1, 1);

    private Study Share(string folder, SweepPruner? pruner = null)
    {
        var study = new Study(Rules(pruner ?? SweepPruner.None, 2), new SharedStudyFile(folder),
            new StoredLeases(folder, s_lease), _time);
        study.Identify(folder, new Dictionary<string, string> { ["seed"] = "1" });
        return study;
    }
}
