using Microsoft.ML;
using SpeechML.Sweeps.Running;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests;

/// <summary>
/// A worker that is slow, not dead: it has lost its lease, does not know it yet, and goes on to write a checkpoint.
/// </summary>
[TestClass]
public sealed class LostLeaseTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ImpatientTime _time = new();

    /// <summary>
    /// Both stand still where they are about to open their checkpoints: the slow one then goes first, and has written
    /// one of an epoch that nobody logs when the other opens them.
    /// </summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Work_SlowWorkerWritesBeforeTheOtherOpens_NoEpochIsLost(bool bucket) => InAStudy(bucket, study =>
    {
        using var slow = new Gate();
        using var other = new Gate();
        Task<int> slowly = Start(study, Sweep(study, _ => slow.Pass()), slow);
        Task<int> others = Start(study, Sweep(study, _ => other.Pass()), other);
        slow.Open();
        Assert.AreEqual(0, slowly.WaitAsync(s_patience).GetAwaiter().GetResult());
        Assert.HasCount(0, StudyLog.Read(study).OfType<EpochEnded>());
        other.Open();
        Assert.AreEqual(1, others.WaitAsync(s_patience).GetAwaiter().GetResult());
    });

    /// <summary>The slow one stands still with its checkpoints open, and goes on when the other has ended.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Work_SlowWorkerHasCheckpointsOpen_OtherNeitherWaitsNorFails(bool bucket) => InAStudy(bucket, study =>
    {
        using var slow = new Gate();
        var steps = new TrainingRuns.Recorder(s =>
        {
            if (s.Epoch == 2)
            {
                slow.Pass();
            }
        });
        Task<int> slowly = Start(study, Sweep(study, steps: steps), slow);
        Assert.HasCount(1, StudyLog.Read(study).OfType<EpochEnded>());
        Assert.AreEqual(1, Start(study, Sweep(study)).WaitAsync(s_patience).GetAwaiter().GetResult());
        slow.Open();
        Assert.AreEqual(0, slowly.WaitAsync(s_patience).GetAwaiter().GetResult());
    });

    /// <summary>A process that has the study alone goes on where a worker that may yet live was.</summary>
    [TestMethod]
    public void Run_AloneBehindASlowWorker_WritesWhereTheWorkerDoesNot() => InAStudy(bucket: false, study =>
    {
        using var slow = new Gate();
        Task<int> slowly = Start(study, Sweep(study, _ => slow.Pass()), slow, leave: true);
        var alone = new SweepRuns.Recorder(p =>
        {
            if (p.Trial is { Number: 1, Epochs: 1 })
            {
                slow.Open();
                Assert.AreEqual(0, slowly.WaitAsync(s_patience).GetAwaiter().GetResult());
            }
        });
        using SweepResult result = Sweep(study).SetStudy(study).SetProgress(alone).Run();
        Assert.AreEqual(SweepTrialState.Finished, result.BestTrial.State, result.BestTrial.Error);
    });

    private static void InAStudy(bool bucket, Action<string> work)
    {
        using var scratch = new Scratch();
        using TestBucket? remote = bucket ? new TestBucket() : null;
        string study = bucket ? TestBucket.At("studies/slow") : scratch.At("study");
        work(study);
        List<StudyEvent> events = StudyLog.Read(study);
        TrialEnded end = events.OfType<TrialEnded>().Single();
        Assert.AreEqual(SweepTrialState.Finished, end.State, end.Error);
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, events.OfType<EpochEnded>().Select(e => e.Epoch).ToArray());
        using SweepResult result = Sweep(study).Run();
        using SweepResult undisturbed = Create().Run();
        Assert.AreEqual(string.Join('\n', SweepRuns.Facts(undisturbed)), string.Join('\n', SweepRuns.Facts(result)));
    }

    private static SpeechSweep Create(
        Action<SpeechClassificationOptions>? each = null, IProgress<TrainingProgress>? steps = null) =>
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads(), each, steps).SetTuner(SweepTuner.Random())
        .SetMaxTrials(1);

    private static SpeechSweep Sweep(
        string study, Action<SpeechClassificationOptions>? each = null, IProgress<TrainingProgress>? steps = null) =>
        Create(each, steps).SetStudy(study, new SweepSharing { Lease = s_lease });

    /// <summary>A worker as of a process of its own, which stands still at a gate, if one is given.</summary>
    /// <param name="study">The study.</param>
    /// <param name="sweep">The sweep, with the gate in it.</param>
    /// <param name="gate">Is waited for.</param>
    /// <param name="leave">Gives the study's folder up, as a silo that dies before its workers does.</param>
    private Task<int> Start(string study, SpeechSweep sweep, Gate? gate = null, bool leave = false)
    {
        SweepDefinition definition = sweep.Definition();
        gate?.Close();
        IStudyLog log = StoragePath.IsRemote(study) ? new StoredStudyLog(study) : new SharedStudyFile(study);
        var shared = new Study(definition.Rules, log, new StoredLeases(study, s_lease), _time);
        var runner = new TrialRunner(definition, CancellationToken.None);
        shared.Identify(study, runner.Identity());
        // Whose trial another has: its lease has run out for this one.
        if (StudyLog.Read(study).OfType<TrialBegun>().Any())
        {
            Assert.AreEqual(NextTrial.Later, shared.AskForTrial("looks on"));
            _time.Advance(s_lease);
        }
        Task<int> work = Task.Factory.StartNew(() =>
        {
            using (shared)
            using (runner)
            {
                return new SweepWorker(new OneTrial(shared), definition, runner).Work(CancellationToken.None);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        gate?.WaitUntilReached(work);
        if (leave)
        {
            log.Dispose();
        }
        return work;
    }

    /// <summary>A point in a fit that is passed when the test says so.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _reached = new();
        private readonly ManualResetEventSlim _open = new(initialState: true);

        public void Close()
        {
            _reached.Reset();
            _open.Reset();
        }

        public void Open() => _open.Set();

        public void Pass()
        {
            _reached.Set();
            Assert.IsTrue(_open.Wait(s_patience));
        }

        public void WaitUntilReached(Task work)
        {
            while (!_reached.Wait(TimeSpan.FromMilliseconds(20)))
            {
                Assert.IsFalse(work.IsCompleted, work.Exception?.ToString() ?? "it ended before the gate");
            }
        }

        public void Dispose()
        {
            _open.Set();
            _open.Dispose();
            _reached.Dispose();
        }
    }

    /// <summary>A study that gives a worker one trial.</summary>
    private sealed class OneTrial(IStudy study) : IStudy
    {
        private bool _given;

        public TimeSpan? RenewEvery => study.RenewEvery;

        public NextTrial AskForTrial(string worker)
        {
            NextTrial next = _given ? NextTrial.Done : study.AskForTrial(worker);
            _given = true;
            return next;
        }

        public bool Report(TrialLease lease, EpochEnded epoch) => study.Report(lease, epoch);

        public void Report(TrialLease lease, RunEnded run) => study.Report(lease, run);

        public IReadOnlyList<int> End(TrialLease lease, TrialEnded end) => study.End(lease, end);

        public void Renew(TrialLease lease) => study.Renew(lease);

        public void Release(TrialLease lease) => study.Release(lease);
    }
}
