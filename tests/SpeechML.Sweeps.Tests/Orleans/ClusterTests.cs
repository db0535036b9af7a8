using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.Sweeps.Tests.Orleans;

/// <summary>
/// A sweep over several processes of a cluster, which are killed: workers in mid-trial, and the silo.
/// </summary>
[TestClass]
public sealed class ClusterTests
{
    private const string FolderVariable = "SPEECHML_TEST_CLUSTER_FOLDER";
    private const string WorkerVariable = "SPEECHML_TEST_CLUSTER_WORKER";
    private const string PortsVariable = "SPEECHML_TEST_CLUSTER_PORTS";
    private const string KillsVariable = "SPEECHML_TEST_CLUSTER_KILLS"; // of workers, when not 2 times
    private const string RedisVariable = "SPEECHML_REDIS";
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(0.8);

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void RunOnCluster_WorkersAndSiloKilled_SameTrialsAndSameBest()
    {
        using var scratch = new Scratch();
        string study = scratch.At("study");
        int[] ports = [FreePort(), FreePort()];
        Process Start(string test, string name) => ChildTest.Start(
            test, (FolderVariable, scratch.Folder), (WorkerVariable, name), (PortsVariable, string.Join(' ', ports)),
            (KillsVariable, Text(Kills())));
        List<StudyEvent> Log() => File.Exists(Path.Combine(study, StudyLog.FileName)) ? StudyLog.Read(study) : [];
        Process silo = Start(nameof(Child_SiloOnRequest), "silo");
        try
        {
            var recorder = new SweepRuns.Recorder();
            Task<SweepResult> client = Sweep().SetStudy(study).SetProgress(recorder).RunOnClusterAsync(Cluster(ports));
            using var swarm = new WorkerSwarm(2, name => Start(nameof(Child_WorksOnRequest), name));
            var random = new Random(1);
            swarm.Kill(Log, Kills() / 2, random, TestContext.WriteLine);
            silo.Kill();
            silo.WaitForExit();
            silo.Dispose();
            TestContext.WriteLine($"silo killed after {Log().Count} events");
            silo = Start(nameof(Child_SiloOnRequest), "silo");
            swarm.Kill(Log, Kills() - (Kills() / 2), random, TestContext.WriteLine);
            swarm.Join();
            using SweepResult result = client.GetAwaiter().GetResult();
            List<StudyEvent> events = Log();
            int[] begun = [.. events.OfType<TrialBegun>().Select(e => e.Trial)];
            CollectionAssert.AreEqual(Enumerable.Range(1, Trials()).ToArray(), begun, "none lost, none begun twice");
            CollectionAssert.AreEquivalent(
                begun, events.OfType<TrialEnded>().Select(e => e.Trial).ToArray(), "none counted twice");
            Assert.HasCount(events.OfType<EpochEnded>().Count(),
                events.OfType<EpochEnded>().DistinctBy(e => (e.Trial, e.Run, e.Epoch)));
            Assert.IsGreaterThanOrEqualTo(1, events.OfType<TrialTaken>().Count(e => e.Lease > 1));
            TestContext.WriteLine($"{events.OfType<TrialTaken>().Count()} taken over, {events.Count} events");
            Assert.AreEqual(Trials(), recorder.Reports[^1].Ended);
            using SweepResult undisturbed = Sweep().Run();
            Assert.AreEqual(string.Join('\n', SweepRuns.Facts(undisturbed)),
                string.Join('\n', SweepRuns.Facts(result)));
        }
        finally
        {
            silo.Kill();
            silo.Dispose();
        }
    }

    [TestMethod]
    public async Task Cluster_InOneProcess_RefusesOtherSweepsAndCancelsOneTrial()
    {
        // The log and the checkpoints in a bucket.
        using var bucket = new TestBucket();
        SpeechClusterOptions cluster = Cluster([FreePort(), FreePort()]) with { RetryFor = TimeSpan.FromSeconds(20) };
        SpeechSweep Two() => Sweep().SetMaxTrials(2).SetStudy(TestBucket.At("study"));
        await using SpeechSilo silo = await SpeechSilo.StartAsync(Two(), cluster);

        InvalidOperationException other =
            await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => Two().SetSeed(7)
            .WorkOnClusterAsync(cluster));
        Assert.AreEqual(
            $"Study '{TestBucket.At("study")}': expected the sweep that the silo was started with, got another: " +
            $"seed: expected 1, got 7. Start silo, workers and clients with the same sweep.", other.Message);
        InvalidOperationException unknown =
            await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => Two().SetStudy(TestBucket.At("other"))
            .WorkOnClusterAsync(cluster));
        Assert.AreEqual(
            $"Study '{TestBucket.At("other")}': expected one that the silo was started with " +
            $"('{TestBucket.At("study")}'), got another. The study's name must be the same everywhere, to the letter.",
            unknown.Message);

        bool cancelled = false;
        var recorder = new SweepRuns.Recorder(p =>
        {
            if (p.Trial is { Number: 1, Epochs: 1, State: SweepTrialState.Running })
            {
                cancelled = Two().CancelTrialOnClusterAsync(1, cluster).GetAwaiter().GetResult();
            }
        });
        Task<SweepResult> client = Two().RunOnClusterAsync(cluster);
        int ended = await Two().SetProgress(recorder).WorkOnClusterAsync(cluster);
        using SweepResult result = await client;
        Assert.IsTrue(cancelled);
        Assert.AreEqual(1, ended);
        CollectionAssert.AreEqual(
            new[] { SweepTrialState.Cancelled, SweepTrialState.Finished },
            result.Trials.Select(t => t.State).ToArray());
        Assert.AreEqual(2, result.BestTrial.Number);
        Assert.IsNotNull(result.Model);
    }

    [TestMethod]
    public async Task RunOnCluster_TwoSilosThatMeetInRedis_TheOtherGoesOnWithTheStudy()
    {
        if (Environment.GetEnvironmentVariable(RedisVariable) is not { Length: > 0 } redis)
        {
            Assert.Inconclusive($"{RedisVariable} names no Redis server (localhost:6379, say).");
            return;
        }
        using var scratch = new Scratch();
        SpeechSweep One() => Sweep().SetMaxTrials(3).SetStudy(scratch.At("study"));
        SpeechClusterOptions Silo() =>
            Cluster([FreePort(), FreePort()]) with
            {
                Clustering = SpeechClustering.Redis,
                ConnectionString = redis,
                ClusterId = Path.GetFileName(scratch.Folder)
            };
        SpeechClusterOptions cluster = Silo();
        SpeechSilo first = await SpeechSilo.StartAsync(One(), cluster);
        await using SpeechSilo second =
            await SpeechSilo.StartAsync(One(), Silo() with { ClusterId = cluster.ClusterId });
        Task<SweepResult> client = One().RunOnClusterAsync(cluster);
        var recorder = new SweepRuns.Recorder(p =>
        {
            if (p.Trial is { Number: 2, Epochs: 1, State: SweepTrialState.Running } && first is { } stopping)
            {
                first = null!;
                stopping.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        });
        Assert.AreEqual(3, await One().SetProgress(recorder).WorkOnClusterAsync(cluster));
        using SweepResult result = await client;
        Assert.IsNull(first);
        using SweepResult undisturbed = Sweep().SetMaxTrials(3).Run();
        Assert.AreEqual(string.Join('\n', SweepRuns.Facts(undisturbed)), string.Join('\n', SweepRuns.Facts(result)));
    }

    [TestMethod]
    public async Task WorkOnCluster_NoSilo_SaysSo()
    {
        using var scratch = new Scratch();
        SpeechClusterOptions cluster = Cluster([FreePort(), FreePort()]) with { RetryFor = TimeSpan.Zero };
        IOException e = await Assert.ThrowsAsync<IOException>(() => Sweep().SetStudy(scratch.At("study"))
            .WorkOnClusterAsync(cluster));
        Assert.StartsWith(
            $"Study '{scratch.At("study")}': expected its cluster 'speechml' to answer within 00:00:00, got no " +
            "answer. ", e.Message);
    }

    [TestMethod]
    public void Options_NotValid_SayWhatIsExpected()
    {
        static string Refusal(SpeechClusterOptions options) =>
            Assert.ThrowsExactly<ArgumentException>(options.Validate).Message;
        Assert.AreEqual("Option ConnectionString: expected one, because Clustering is Redis, got ''.",
            Refusal(new SpeechClusterOptions { Clustering = SpeechClustering.Redis }));
        Assert.AreEqual(
            "Option AdoNetInvariant: expected the name of a driver, because Clustering is AdoNet, got ''.",
            Refusal(new SpeechClusterOptions { Clustering = SpeechClustering.AdoNet, ConnectionString = "x" }));
        Assert.AreEqual("Option GatewayPort: expected a port other than the silo's, got '11111'.",
            Refusal(new SpeechClusterOptions { GatewayPort = 11111 }));
        Assert.AreEqual(
            "Sweep on a cluster: expected SetStudy with a folder that all machines share or with an address, got none.",
            Assert.ThrowsExactly<InvalidOperationException>(() => SpeechSilo.StartAsync(Sweep()).GetAwaiter()
            .GetResult()).Message);
    }

    /// <summary>The silo that is killed.</summary>
    [TestMethod]
    public async Task Child_SiloOnRequest()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder
            || Environment.GetEnvironmentVariable(WorkerVariable) != "silo")
        {
            Assert.Inconclusive("Runs in a child process only.");
            return;
        }
        await using SpeechSilo silo =
            await SpeechSilo.StartAsync(Sweep()
            .SetStudy(Path.Combine(folder, "study"), new SweepSharing { Lease = s_lease }), Cluster());
        // Until it is killed; not for ever, should its parent have died.
        while (Directory.Exists(folder))
        {
            await Task.Delay(500);
        }
    }

    /// <summary>A worker that is killed.</summary>
    [TestMethod]
    public async Task Child_WorksOnRequest()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("Runs in a child process only.");
            return;
        }
        await Sweep().SetStudy(Path.Combine(folder, "study"),
            new SweepSharing { Worker = Environment.GetEnvironmentVariable(WorkerVariable)! })
            .WorkOnClusterAsync(Cluster());
    }

    // Drawn, not chosen by what ended before: the trials of any number of workers are those of one.
    private static SpeechSweep Sweep() =>
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Random())
        .SetMaxTrials(Trials());

    private static int Trials() => 4 + (2 * Kills());

    private static int Kills() =>
        Environment.GetEnvironmentVariable(KillsVariable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture) : 2;

    private static SpeechClusterOptions Cluster(int[]? ports = null)
    {
        ports ??= [.. Environment.GetEnvironmentVariable(PortsVariable)!.Split(' ')
            .Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
        return new SpeechClusterOptions
        {
            SiloPort = ports[0],
            GatewayPort = ports[1],
            RetryFor = TimeSpan.FromMinutes(2)
        };
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
