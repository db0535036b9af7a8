using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.Sweeps.Tests;

/// <summary>
/// Several processes on one study, without a server, killed again and again: what one that was left alone comes to.
/// </summary>
[TestClass]
public sealed class SharedStudyTests
{
    private const string StudyVariable = "SPEECHML_TEST_SHARED_STUDY";
    private const string WorkerVariable = "SPEECHML_TEST_SHARED_WORKER";
    private const string EndpointVariable = "SPEECHML_TEST_SHARED_ENDPOINT";
    private const string KillsVariable = "SPEECHML_TEST_SHARED_KILLS"; // how often, when not 2 times
    private static readonly SweepSharing s_sharing = new() { Lease = TimeSpan.FromSeconds(0.8) };

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Work_ProcessOfAFolderKilled_SameTrialsAndSameBest() => AssertSameInAFolder(1);

    [TestMethod]
    [TestCategory("Slow")]
    public void Work_ProcessesOfAFolderKilled_SameTrialsAndSameBest() => AssertSameInAFolder(Kills());

    private void AssertSameInAFolder(int kills)
    {
        using var scratch = new Scratch();
        string study = scratch.At("study");
        using var swarm = new WorkerSwarm(2, name => Start(study, name, kills));
        swarm.Kill(() => File.Exists(Path.Combine(study, StudyLog.FileName)) ? StudyLog.Read(study) : [], kills,
            new Random(1), TestContext.WriteLine);
        IOException refused = Assert.ThrowsExactly<IOException>(() => Sweep(kills).SetStudy(study).Run());
        Assert.StartsWith(
            $"Study '{study}': expected a folder that can be written to and that no other process is running a sweep " +
            $"in, got", refused.Message);
        swarm.Join();
        Check(study, kills, Sweep(kills).SetStudy(study, s_sharing));
        // When all others are gone one process may have it alone.
        using SweepResult alone = Sweep(kills).SetStudy(study).Run();
        Assert.HasCount(Trials(kills), alone.Trials);
    }

    [TestMethod]
    public void Work_ProcessOfABucketKilledAndFaultsInjected_SameTrialsAndSameBest() => AssertSameInABucket(1);

    [TestMethod]
    [TestCategory("Slow")]
    public void Work_ProcessesOfABucketKilledAndFaultsInjected_SameTrialsAndSameBest() =>
        AssertSameInABucket(Kills());

    private void AssertSameInABucket(int kills)
    {
        var storm = new FaultStorm(5, 0.05);
        using var bucket = new TestBucket();
        bucket.Server.Storm = storm.Next;
        string study = TestBucket.At("studies/rates");
        using var swarm = new WorkerSwarm(2, name => Start(study, name, kills, bucket.Server.Address.ToString()));
        swarm.Kill(() => bucket.Server.Backend.Names.Any(
            n => n.StartsWith("studies/rates/events/", StringComparison.Ordinal)) ? StudyLog.Read(study) : [], kills,
            new Random(2), TestContext.WriteLine);
        swarm.Join();
        Check(study, kills, Sweep(kills).SetStudy(study, s_sharing));
        string[] events = [.. bucket.Server.Backend.Writes.Where(
            w => w.StartsWith("studies/rates/events/", StringComparison.Ordinal))];
        CollectionAssert.AllItemsAreUnique(events);
        TestContext.WriteLine(
            $"{bucket.Server.Requests.Count} requests, {events.Length} events; faults: " +
            $"{string.Join(", ", storm.Kinds.Select(k => $"{k.Key} {k.Value}"))}");
    }

    [TestMethod]
    public void Work_NoStudyThatIsShared_SaysWhatIsMissing()
    {
        using var scratch = new Scratch();
        const string Message =
            "Sweep: expected SetStudy with an address or with a SweepSharing before Work, because only a shared " +
            "study has workers.";
        Assert.AreEqual(Message, Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(1).Work()).Message);
        Assert.AreEqual(Message,
            Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(1).SetStudy(scratch.At("s")).Work()).Message);
    }

    [TestMethod]
    public void Work_Cancelled_GivesItsTrialBack()
    {
        using var scratch = new Scratch();
        using var stop = new CancellationTokenSource();
        var recorder = new SweepRuns.Recorder(p =>
        {
            if (p.Trial is { Number: 1, Epochs: 1 })
            {
                stop.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => Sweep(1)
            .SetStudy(scratch.At("s"), new SweepSharing { Lease = TimeSpan.FromHours(1) }).SetProgress(recorder)
            .Work(stop.Token));
        Assert.AreEqual(new TrialTaken(1, 1, null), StudyLog.Read(scratch.At("s"))[^1] with { At = default });
        Assert.AreEqual(1, Sweep(1).SetMaxTrials(1).SetStudy(scratch.At("s"), s_sharing).Work());
        Assert.AreEqual(3, StudyLog.Read(scratch.At("s")).OfType<EpochEnded>().Count(),
            "it went on from its checkpoint");
    }

    /// <summary>What the processes that are killed run.</summary>
    [TestMethod]
    public void Child_WorksOnRequest()
    {
        if (Environment.GetEnvironmentVariable(StudyVariable) is not { Length: > 0 } study)
        {
            Assert.Inconclusive("Runs in a child process only.");
            return;
        }
        using var scratch = new Scratch();
        if (Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 } endpoint)
        {
            GoogleCloudStorage.Register(new GoogleCloudStorageOptions
            {
                Endpoint = new Uri(endpoint),
                Credentials = GoogleCloudCredentials.Anonymous,
                CacheFolder = scratch.At("cache"),
                RetryDelay = TimeSpan.FromMilliseconds(5),
                LongestRetryDelay = TimeSpan.FromMilliseconds(50),
            });
        }
        Sweep(Kills()).SetStudy(study, s_sharing with { Worker = Environment.GetEnvironmentVariable(WorkerVariable)! })
            .Work();
    }

    private void Check(string study, int kills, SpeechSweep sweep)
    {
        List<StudyEvent> events = StudyLog.Read(study);
        int[] begun = [.. events.OfType<TrialBegun>().Select(e => e.Trial)];
        CollectionAssert.AreEqual(Enumerable.Range(1, Trials(kills)).ToArray(), begun, "none lost, none begun twice");
        CollectionAssert.AreEquivalent(
            begun, events.OfType<TrialEnded>().Select(e => e.Trial).ToArray(), "none counted twice");
        TestContext.WriteLine(
            $"{events.OfType<TrialTaken>().Count()} taken over, by " +
            $"{events.OfType<TrialBegun>().Select(e => e.Worker!.Split(' ')[0]).Distinct().Count()} workers");
        Assert.IsGreaterThan(0, events.OfType<TrialTaken>().Count(e => e.Lease > 1));
        string[] errors = [.. events.OfType<TrialEnded>().Select(e => e.Error).OfType<string>()];
        CollectionAssert.AreEqual(Array.Empty<string>(), errors, string.Join('\n', errors));
        using SweepResult result = sweep.Run();
        using SweepResult undisturbed = Sweep(kills).Run();
        Assert.AreEqual(string.Join('\n', SweepRuns.Facts(undisturbed)), string.Join('\n', SweepRuns.Facts(result)));
    }

    // Drawn, not chosen by what ended before: the trials of any number of workers are those of one.
    private static SpeechSweep Sweep(int kills) =>
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Random())
        .SetMaxTrials(Trials(kills));

    private static int Trials(int kills) => 5 + (2 * kills);

    private static int Kills() =>
        Environment.GetEnvironmentVariable(KillsVariable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture) : 4;

    private static Process Start(string study, string name, int kills, string? endpoint = null) =>
        ChildTest.Start(nameof(Child_WorksOnRequest), (StudyVariable, study), (WorkerVariable, name),
            (EndpointVariable, endpoint), (KillsVariable, kills.ToString(CultureInfo.InvariantCulture)));
}
