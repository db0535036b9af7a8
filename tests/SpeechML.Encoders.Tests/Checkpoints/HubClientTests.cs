using System.Security.Cryptography;
using System.Text;
using SpeechML.TestSupport;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>What the client does when all goes well: files, cache, offline mode, deletion.</summary>
[TestClass]
public sealed class HubClientTests
{
    private string _cache = "";

    [TestInitialize]
    public void CreateCache() => _cache = Directory.CreateTempSubdirectory("speechml-hub").FullName;

    [TestCleanup]
    public void DeleteCache() => Directory.Delete(_cache, recursive: true);

    [TestMethod]
    public async Task DownloadAsync_NewModel_FetchesOnlyWhatIsNeededInPythonsLayout()
    {
        byte[] weights = RandomNumberGenerator.GetBytes(3_000_000);
        using var hub = new FakeHub(
            ("config.json", "{}"u8.ToArray()),
            ("preprocessor_config.json", "{\"a\":1}"u8.ToArray()),
            ("processor_config.json", "{\"b\":1}"u8.ToArray()),
            ("model.safetensors", weights),
            ("pytorch_model.bin", [1]),
            ("README.md", [2]),
            ("tf_model.h5", [3]));
        using HubClient client = Client(hub);

        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id, cancellationToken: CancellationToken.None);

        CollectionAssert.AreEquivalent(
            new[] { "config.json", "preprocessor_config.json", "processor_config.json", "model.safetensors" },
            hub.FilesAsked.ToArray());
        CollectionAssert.AreEqual(
            new[] { "config.json", "preprocessor_config.json", "processor_config.json", "model.safetensors" },
            snapshot.DownloadedFiles.ToArray());
        Assert.AreEqual(FakeHub.Commit, snapshot.Commit);
        string model = Path.Combine(_cache, "models--org--tiny");
        Assert.AreEqual(Path.Combine(model, "snapshots", FakeHub.Commit), snapshot.Folder);
        Assert.AreEqual(FakeHub.Commit, File.ReadAllText(Path.Combine(model, "refs", "main")));
        string blob = Path.Combine(model, "blobs", FakeHub.Etag("model.safetensors", weights));
        CollectionAssert.AreEqual(weights, File.ReadAllBytes(blob));
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(Path.Combine("..", "..", "blobs", Path.GetFileName(blob)),
                new FileInfo(Path.Combine(snapshot.Folder, "model.safetensors")).LinkTarget);
        }
        Assert.IsTrue(File.Exists(
            Path.Combine(_cache, ".locks", "models--org--tiny", $"{Path.GetFileName(blob)}.lock")));
        CollectionAssert.AreEqual(Array.Empty<string>(),
            Directory.GetFiles(model, "*.incomplete", SearchOption.AllDirectories));
    }

    [TestMethod]
    public async Task DownloadAsync_Again_TransfersNothing()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using HubClient client = Client(hub);
        await client.DownloadAsync(FakeHub.Id);
        int before = hub.Storage.Requests.Count;

        using HubSnapshot again = await client.DownloadAsync(FakeHub.Id);

        Assert.AreEqual(before, hub.Storage.Requests.Count);
        CollectionAssert.AreEqual(Array.Empty<string>(), again.DownloadedFiles.ToArray());
    }

    [TestMethod]
    public async Task DownloadAsync_LinkToDeletedBlob_FetchesItAgain()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using HubClient client = Client(hub);
        await client.DownloadAsync(FakeHub.Id);
        File.Delete(Path.Combine(_cache, "models--org--tiny", "blobs", FakeHub.Etag("model.safetensors", [1, 2, 3])));

        using HubSnapshot again = await client.DownloadAsync(FakeHub.Id);

        CollectionAssert.AreEqual(
            new byte[] { 1, 2, 3 }, File.ReadAllBytes(Path.Combine(again.Folder, "model.safetensors")));
    }

    [TestMethod]
    public async Task DownloadAsync_CommitInCache_AsksNothing()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using HubClient client = Client(hub);
        await client.DownloadAsync(FakeHub.Id);
        int before = hub.Hub.Requests.Count;

        using HubSnapshot again = await client.DownloadAsync(FakeHub.Id, FakeHub.Commit);

        Assert.AreEqual(before, hub.Hub.Requests.Count);
        Assert.IsTrue(File.Exists(Path.Combine(again.Folder, "model.safetensors")));
    }

    [TestMethod]
    public async Task DownloadAsync_PullRequestRevision_WritesNestedRef()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using HubClient client = Client(hub);

        await client.DownloadAsync(FakeHub.Id, "refs/pr/7");

        Assert.AreEqual(FakeHub.Commit,
            File.ReadAllText(Path.Combine(_cache, "models--org--tiny", "refs", "refs", "pr", "7")));
    }

    [TestMethod]
    public async Task DownloadAsync_ShardedModel_FetchesTheShardsOfItsIndex()
    {
        byte[] index = Encoding.UTF8.GetBytes(
            """{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors"}}""");
        using var hub = new FakeHub(
            ("config.json", "{}"u8.ToArray()), ("model.safetensors.index.json", index), ("model-1.safetensors", [1]),
            ("model-2.safetensors", [2]), ("model-3.safetensors", [3]));
        using HubClient client = Client(hub);

        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);

        CollectionAssert.AreEquivalent(
            new[] { "config.json", "model.safetensors.index.json", "model-1.safetensors", "model-2.safetensors" },
            Directory.GetFiles(snapshot.Folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public async Task DownloadAsync_NoWeights_SaysWhatIsThere()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("flax_model.msgpack", [1]));
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            "Hub model 'org/tiny' at 'main': expected 'config.json' and one of 'model.safetensors', " +
            "'model.safetensors.index.json', 'pytorch_model.bin', "
            + "'pytorch_model.bin.index.json', or 'adapter_config.json' and 'adapter_model.safetensors' or "
            + "'adapter_model.bin', got 'config.json', 'flax_model.msgpack'.",
            error.Message);
    }

    [TestMethod]
    public async Task DownloadAsync_AdapterAlone_FetchesItsTwoFiles()
    {
        byte[] weights = RandomNumberGenerator.GetBytes(5_000);
        using var hub = new FakeHub(
            ("README.md", [1]), ("adapter_config.json", "{}"u8.ToArray()), ("adapter_model.safetensors", weights),
            ("adapter_model.bin", [2]), ("training_args.bin", [3]), ("preprocessor_config.json", "{}"u8.ToArray()));
        using HubClient client = Client(hub);

        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);

        CollectionAssert.AreEqual(
            new[] { "preprocessor_config.json", "adapter_config.json", "adapter_model.safetensors" },
            snapshot.DownloadedFiles.ToArray());
        int before = hub.Hub.Requests.Count;
        Assert.AreEqual(snapshot.Folder, (await client.DownloadAsync(FakeHub.Id, FakeHub.Commit)).Folder);
        Assert.AreEqual(before, hub.Hub.Requests.Count, "A commit that is whole in the cache is asked for again.");

        // A damaged blob counts as missing.
        string blob = Path.Combine(_cache, "models--org--tiny", "blobs", FakeHub.Etag("x.safetensors", weights));
        weights[17] ^= 1;
        File.WriteAllBytes(blob, weights);
        weights[17] ^= 1;
        await client.DownloadAsync(FakeHub.Id, FakeHub.Commit);
        CollectionAssert.AreEqual(weights, File.ReadAllBytes(blob));
        File.Delete(Path.Combine(snapshot.Folder, "adapter_model.safetensors"));
        using var offline = new HubClient(
            new HubOptions(_ => null) { CacheFolder = _cache, Endpoint = hub.Hub.Address, IsOffline = true });
        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => offline.DownloadAsync(FakeHub.Id));
        StringAssert.EndsWith(error.Message, $"got commit '{FakeHub.Commit}' without the adapter's weights.");
    }

    [TestMethod]
    public async Task DownloadAsync_ModelOfThisLibrary_FetchesItsOwnFilesToo()
    {
        using var hub = new FakeHub(
            ("config.json", "{}"u8.ToArray()), ("speechml.json", "{}"u8.ToArray()), ("head.safetensors", [1]),
            ("adapter/adapter_config.json", "{}"u8.ToArray()), ("adapter/adapter_model.safetensors", [2, 2]),
            ("adapter/README.md", [3]), ("pytorch_model.bin", [4, 4, 4]), ("expected.json", [5]));
        using HubClient client = Client(hub);

        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);

        CollectionAssert.AreEqual(
            new[] { "config.json", "speechml.json", "head.safetensors", "adapter/adapter_config.json",
                "adapter/adapter_model.safetensors", "pytorch_model.bin" }, snapshot.DownloadedFiles.ToArray());
        CollectionAssert.AreEqual(new byte[] { 2, 2 },
            File.ReadAllBytes(Path.Combine(snapshot.Folder, "adapter", "adapter_model.safetensors")));
        int before = hub.Hub.Requests.Count;
        await client.DownloadAsync(FakeHub.Id, FakeHub.Commit);
        Assert.AreEqual(before, hub.Hub.Requests.Count);
    }

    [TestMethod]
    public async Task DownloadAsync_WithoutLinks_MovesFilesAsPythonDoes()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using var client = new HubClient(Options(hub), null, useLinks: false);

        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);

        var file = new FileInfo(Path.Combine(snapshot.Folder, "model.safetensors"));
        Assert.IsNull(file.LinkTarget);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(file.FullName));
        int before = hub.Storage.Requests.Count;
        await client.DownloadAsync(FakeHub.Id);
        Assert.AreEqual(before, hub.Storage.Requests.Count, "The second call downloads again.");
    }

    [TestMethod]
    public async Task DownloadAsync_Progress_EndsAtTheFilesSize()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", new byte[5_000_000]));
        using HubClient client = Client(hub);
        var seen = new SynchronousProgress();

        await client.DownloadAsync(FakeHub.Id, progress: seen);

        HubProgress[] weights = [.. seen.Reports.Where(r => r.File == "model.safetensors")];
        Assert.IsTrue(weights.Length > 2, $"{weights.Length} reports");
        CollectionAssert.AreEqual(
            weights.Select(w => w.Bytes).Order().ToArray(), weights.Select(w => w.Bytes).ToArray());
        Assert.AreEqual(new HubProgress("model.safetensors", 5_000_000, 5_000_000), weights[^1]);
    }

    [TestMethod]
    public async Task DownloadAsync_Offline_UsesTheCacheOrSaysWhatIsMissing()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using var offline = new HubClient(
            new HubOptions(_ => null) { CacheFolder = _cache, Endpoint = hub.Hub.Address, IsOffline = true });

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => offline.DownloadAsync(FakeHub.Id));
        Assert.AreEqual(
            $"Hub model 'org/tiny' at 'main': expected it whole in the cache '{_cache}', as offline mode " +
            $"(HF_HUB_OFFLINE) is on; got no such model or revision.", error.Message);
        Assert.AreEqual(0, hub.Hub.Requests.Count);

        using HubClient client = Client(hub);
        string folder = (await client.DownloadAsync(FakeHub.Id)).Folder;
        int before = hub.Hub.Requests.Count;
        Assert.AreEqual(folder, (await offline.DownloadAsync(FakeHub.Id)).Folder);
        Assert.AreEqual(before, hub.Hub.Requests.Count);

        File.Delete(Path.Combine(folder, "model.safetensors"));
        error = await Assert.ThrowsExactlyAsync<HubException>(() => offline.DownloadAsync(FakeHub.Id));
        StringAssert.EndsWith(error.Message, $"got commit '{FakeHub.Commit}' without weights.");
    }

    [TestMethod]
    public async Task DownloadAsync_HubUnreachable_UsesTheCache()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using HubClient client = Client(hub);
        string folder = (await client.DownloadAsync(FakeHub.Id)).Folder;
        hub.Hub.Dispose();

        Assert.AreEqual(folder, (await client.DownloadAsync(FakeHub.Id)).Folder);
    }

    [TestMethod]
    public async Task DownloadAsync_HostThatNobodyKnows_TriedTwiceAndSaysWhatToDo()
    {
        using var client = new HubClient(new HubOptions(_ => null)
        {
            CacheFolder = _cache,
            Endpoint = new Uri("http://no-such-host.invalid"),
            RetryDelay = TimeSpan.FromMilliseconds(1),
        });
        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));
        StringAssert.Contains(error.Message, "no-such-host.invalid");
        StringAssert.EndsWith(error.Message, "Given up after 2 attempts. Without a network, give a folder, or set " +
            "HF_HUB_OFFLINE=1 for what is in the cache; HF_ENDPOINT names a mirror.");
    }

    [TestMethod]
    public async Task Delete_Snapshot_LeavesNothingOfTheModel()
    {
        using var hub = new FakeHub(("config.json", "{}"u8.ToArray()), ("model.safetensors", [1, 2, 3]));
        using HubClient client = Client(hub);
        HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);

        client.Delete(snapshot);

        Assert.IsFalse(Directory.Exists(Path.Combine(_cache, "models--org--tiny")));
    }

    [TestMethod]
    public async Task Dispose_KeepDownloadOff_DeletesOnlyWhatTheCallAdded()
    {
        byte[] config = "{}"u8.ToArray();
        using var hub = new FakeHub(("config.json", config), ("model.safetensors", [1, 2, 3]));
        // Another snapshot, as Python left it, shares the blob of config.json.
        string model = Path.Combine(_cache, "models--org--tiny");
        string blob = Path.Combine(model, "blobs", FakeHub.Etag("config.json", config));
        string other = Path.Combine(model, "snapshots", new string('f', 40));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        Directory.CreateDirectory(other);
        File.WriteAllBytes(blob, config);
        File.CreateSymbolicLink(
            Path.Combine(other, "config.json"), Path.Combine("..", "..", "blobs", Path.GetFileName(blob)));
        using var client = new HubClient(Options(hub, keep: false));

        HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);
        Assert.IsTrue(File.Exists(Path.Combine(snapshot.Folder, "model.safetensors")));
        snapshot.Dispose();

        Assert.IsFalse(Directory.Exists(snapshot.Folder));
        CollectionAssert.AreEqual(new[] { blob }, Directory.GetFiles(Path.Combine(model, "blobs")));
        CollectionAssert.AreEqual(config, File.ReadAllBytes(Path.Combine(other, "config.json")));
        Assert.IsFalse(Directory.Exists(Path.Combine(model, "refs")));
    }

    [TestMethod]
    public async Task DownloadAsync_BadNames_AreRefusedBeforeAnyRequest()
    {
        using var hub = new FakeHub();
        using HubClient client = Client(hub);

        ArgumentException id = await Assert.ThrowsExactlyAsync<ArgumentException>(() =>
            client.DownloadAsync("org/../etc"));
        Assert.AreEqual(
            "Hub id: expected 'organisation/name' of letters, digits, '-', '_' and '.', got 'org/../etc'. (Parameter " +
            "'id')", id.Message);
        ArgumentException revision =
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => client.DownloadAsync("org/tiny", "../main"));
        Assert.AreEqual(
            "Hub revision: expected a branch, a tag, a commit or 'refs/pr/N', got '../main'. (Parameter 'revision')",
            revision.Message);
        Assert.AreEqual(0, hub.Hub.Requests.Count);
    }

    private HubOptions Options(FakeHub hub, bool keep = true) => new(_ => null)
    {
        CacheFolder = _cache,
        Endpoint = hub.Hub.Address,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        KeepDownload = keep,
    };

    private HubClient Client(FakeHub hub) => new(Options(hub));

    private sealed class SynchronousProgress : IProgress<HubProgress>
    {
        public List<HubProgress> Reports { get; } = [];

        public void Report(HubProgress value) => Reports.Add(value);
    }
}
