using System.Diagnostics;
using System.Security.Cryptography;
using SpeechML.TestSupport;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>Several processes on one cache.</summary>
[TestClass]
public sealed class HubProcessTests
{
    private const string ChildVariable = "SPEECHML_TEST_HUB_CHILD";

    private string _cache = "";

    [TestInitialize]
    public void CreateCache() => _cache = Directory.CreateTempSubdirectory("speechml-hub").FullName;

    [TestCleanup]
    public void DeleteCache() => Directory.Delete(_cache, recursive: true);

    [TestMethod]
    public async Task DownloadAsync_ThreeProcessesAtOnce_TransferOnceAndAgree()
    {
        byte[] weights = RandomNumberGenerator.GetBytes(8_000_000);
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", weights));
        // Slow enough that all are there before the first has finished.
        hub.StorageFault = request => new WireResponse(200, weights) { Delay = TimeSpan.FromSeconds(3) };
        Process[] children = [.. Enumerable.Range(0, 3).Select(_ => StartChild(hub))];

        foreach (Process child in children)
        {
            string output = await child.StandardOutput.ReadToEndAsync();
            await child.WaitForExitAsync();
            Assert.AreEqual(0, child.ExitCode, output);
            child.Dispose();
        }

        Assert.AreEqual(1, hub.Storage.Requests.Count);
        string snapshot = Path.Combine(_cache, "models--org--tiny", "snapshots", FakeHub.Commit);
        CollectionAssert.AreEqual(weights, File.ReadAllBytes(Path.Combine(snapshot, "model.safetensors")));
        CollectionAssert.AreEqual(Array.Empty<string>(),
            Directory.GetFiles(_cache, "*.incomplete", SearchOption.AllDirectories));
        CollectionAssert.AreEqual(Array.Empty<string>(),
            Directory.GetFiles(_cache, "*.tmp", SearchOption.AllDirectories));
    }

    /// <summary>What a child process of the test above runs.</summary>
    [TestMethod]
    public async Task Child_DownloadsOnRequest()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { Length: > 0 } endpoint)
        {
            Assert.Inconclusive("Runs in a child process only.");
            return;
        }
        using var client = new HubClient(new HubOptions { Endpoint = new Uri(endpoint) });
        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);
        Assert.IsTrue(File.Exists(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    [TestMethod]
    public async Task DownloadAsync_LockHeldAsPythonHoldsIt_Waits()
    {
        const string Flock = "/usr/bin/flock";
        if (!File.Exists(Flock))
        {
            Assert.Inconclusive("Needs the program flock, which locks as Python's filelock does.");
        }
        byte[] weights = [1, 2, 3];
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", weights));
        string path = Path.Combine(
            _cache, ".locks", "models--org--tiny", $"{FakeHub.Etag("model.safetensors", weights)}.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string held = Path.Combine(_cache, "held");
        using Process holder = Process.Start(
            new ProcessStartInfo(Flock, ["-x", path, "sh", "-c", $"touch {held}; sleep 2"]))!;
        while (!File.Exists(held))
        {
            await Task.Delay(20);
        }
        using var client = new HubClient(
            new HubOptions(_ => null) { CacheFolder = _cache, Endpoint = hub.Hub.Address });
        var watch = Stopwatch.StartNew();

        await client.DownloadAsync(FakeHub.Id);

        Assert.IsTrue(watch.Elapsed > TimeSpan.FromSeconds(1), $"Did not wait for the lock: {watch.Elapsed}");
        await holder.WaitForExitAsync();
    }

    private Process StartChild(FakeHub hub) =>
        ChildTest.Start(nameof(Child_DownloadsOnRequest), (ChildVariable, hub.Hub.Address.ToString()),
            ("HF_HUB_CACHE", _cache), ("HF_HUB_OFFLINE", null));
}
