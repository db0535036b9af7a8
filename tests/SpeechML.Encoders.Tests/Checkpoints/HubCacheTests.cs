using System.Diagnostics;
using System.Text;
using SpeechML.TestSupport;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>What the client makes of a cache that is damaged, or that cannot be written to.</summary>
[TestClass]
public sealed class HubCacheTests
{
    private const string Model = "models--org--tiny";
    private const string Index =
        """{"weight_map": {"a": "model-00001-of-00001.safetensors"}}""";

    private static readonly byte[] s_weights = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)];

    private string _cache = "";

    [TestInitialize]
    public void CreateCache() => _cache = Directory.CreateTempSubdirectory("speechml-hub").FullName;

    [TestCleanup]
    public void DeleteCache() => Directory.Delete(_cache, recursive: true);

    [TestMethod]
    [DataRow("main")]
    [DataRow(FakeHub.Commit)]
    public async Task DownloadAsync_CachedBlobWithOtherBytes_IsDownloadedAgain(string revision)
    {
        using FakeHub hub = Hub();
        string blob = await DamageAsync(hub);

        await Client(hub).DownloadAsync(FakeHub.Id, revision);

        CollectionAssert.AreEqual(s_weights, await File.ReadAllBytesAsync(blob));
    }

    [TestMethod]
    public async Task DownloadAsync_OfflineWithDamagedBlob_NamesTheFile()
    {
        using FakeHub hub = Hub();
        await DamageAsync(hub);
        HubException error = await Assert.ThrowsExactlyAsync<HubException>(
            () => Client(hub, offline: true).DownloadAsync(FakeHub.Id));
        StringAssert.Contains(error.Message, "an undamaged 'model.safetensors'");
    }

    [TestMethod]
    public async Task DownloadAsync_Offline_HashesACachedBlobOnce()
    {
        using FakeHub hub = Hub();
        await Client(hub).DownloadAsync(FakeHub.Id);
        string note = Path.Combine(_cache, Model, ".verified", FakeHub.Etag("model.safetensors", s_weights));
        // What another program put there has no note.
        File.Delete(note);
        await Client(hub, offline: true).DownloadAsync(FakeHub.Id);
        Assert.IsTrue(File.Exists(note));
        // Bytes changed behind the note, which tells length and time, are not looked at again.
        string blob = Path.Combine(_cache, Model, "blobs", Path.GetFileName(note));
        DateTime time = File.GetLastWriteTimeUtc(blob);
        await File.WriteAllBytesAsync(blob, new byte[s_weights.Length]);
        File.SetLastWriteTimeUtc(blob, time);
        await Client(hub, offline: true).DownloadAsync(FakeHub.Id);
    }

    [TestMethod]
    public async Task DownloadAsync_DamagedIndex_CountsAsMissing()
    {
        using var hub = new FakeHub(
            ("config.json", "{}"u8.ToArray()), ("model.safetensors.index.json", Encoding.UTF8.GetBytes(Index)),
            ("model-00001-of-00001.safetensors", s_weights));
        using HubSnapshot snapshot = await Client(hub).DownloadAsync(FakeHub.Id);
        string index = Path.Combine(snapshot.Folder, "model.safetensors.index.json");
        await File.WriteAllBytesAsync(Resolve(index), Encoding.UTF8.GetBytes("{" + Index[1..].Replace('}', ' ')));

        HubException offline = await Assert.ThrowsExactlyAsync<HubException>(
            () => Client(hub, offline: true).DownloadAsync(FakeHub.Id));
        StringAssert.Contains(offline.Message, "a whole 'model.safetensors.index.json'");

        await Client(hub).DownloadAsync(FakeHub.Id, FakeHub.Commit);
        Assert.AreEqual(Index, await File.ReadAllTextAsync(index));
    }

    [TestMethod]
    public async Task DownloadAsync_LockThatCannotBeOpened_SaysSoAtOnce()
    {
        using FakeHub hub = Hub();
        // A folder in the lock's place: an error that is no other process's, whoever runs the test.
        Directory.CreateDirectory(Path.Combine(
            _cache, ".locks", Model, $"{FakeHub.Etag("config.json", "{}"u8.ToArray())}.lock"));
        var clock = Stopwatch.StartNew();
        HubException error = await Assert.ThrowsExactlyAsync<HubException>(
            () => Client(hub).DownloadAsync(FakeHub.Id));
        StringAssert.Contains(error.Message, $"expected a cache '{_cache}' that can be written to");
        Assert.IsLessThan(10, clock.Elapsed.TotalSeconds);
    }

    [TestMethod]
    public async Task DownloadAsync_LockHeld_Waits()
    {
        using FakeHub hub = Hub();
        string folder = Path.Combine(_cache, ".locks", Model);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{FakeHub.Etag("config.json", "{}"u8.ToArray())}.lock");
        Task<HubSnapshot> download;
        using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            download = Client(hub).DownloadAsync(FakeHub.Id);
            await Task.Delay(300);
            Assert.IsFalse(download.IsCompleted);
        }
        (await download).Dispose();
    }

    private static FakeHub Hub() => new(("config.json", "{}"u8.ToArray()), ("model.safetensors", s_weights));

    private static string Resolve(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Downloads the model and changes a byte of its weights; gives their blob.</summary>
    private async Task<string> DamageAsync(FakeHub hub)
    {
        using HubSnapshot snapshot = await Client(hub).DownloadAsync(FakeHub.Id);
        string blob = Resolve(Path.Combine(snapshot.Folder, "model.safetensors"));
        byte[] other = [.. s_weights];
        other[1000] ^= 1;
        await File.WriteAllBytesAsync(blob, other);
        File.SetLastWriteTimeUtc(blob, DateTime.UtcNow.AddHours(1));
        return blob;
    }

    private HubClient Client(FakeHub hub, bool offline = false) => new(new HubOptions(_ => null)
    {
        CacheFolder = _cache,
        Endpoint = hub.Hub.Address,
        IsOffline = offline,
        KeepDownload = true,
    });
}
