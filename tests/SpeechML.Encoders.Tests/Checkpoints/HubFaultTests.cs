using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using SpeechML.TestSupport;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>What the client does when servers and networks misbehave.</summary>
[TestClass]
public sealed class HubFaultTests
{
    private static readonly byte[] s_weights = RandomNumberGenerator.GetBytes(2_500_000);

    private string _cache = "";

    [TestInitialize]
    public void CreateCache() => _cache = Directory.CreateTempSubdirectory("speechml-hub").FullName;

    [TestCleanup]
    public void DeleteCache() => Directory.Delete(_cache, recursive: true);

    [TestMethod]
    public async Task DownloadAsync_CutMidBody_ResumesWhereItBroke()
    {
        using FakeHub hub = Hub();
        int cuts = 0;
        hub.StorageFault = request => cuts++ < 2
            ? Partial(FakeHub.Slice(s_weights, request.Header("range"), out int from), from) with { SendOnly = 700_000 }
            : null;

        await AssertDownloadsAsync(hub);

        string?[] ranges = [.. hub.Storage.Requests.Select(r => r.Header("range"))];
        Assert.AreEqual(3, ranges.Length);
        Assert.IsNull(ranges[0]);
        Assert.AreEqual("bytes=700000-", ranges[1]);
        Assert.AreEqual("bytes=1400000-", ranges[2]);
    }

    [TestMethod]
    public async Task DownloadAsync_EarlierIncompleteFile_IsContinued()
    {
        using FakeHub hub = Hub();
        WriteIncomplete(s_weights[..1_000_000]);

        await AssertDownloadsAsync(hub);

        Assert.AreEqual("bytes=1000000-", hub.Storage.Requests.Single().Header("range"));
    }

    [TestMethod]
    public async Task DownloadAsync_DamagedIncompleteFile_StartsAgain()
    {
        using FakeHub hub = Hub();
        WriteIncomplete(new byte[1_000_000]);

        await AssertDownloadsAsync(hub);

        CollectionAssert.AreEqual(
            new[] { "bytes=1000000-", null }, hub.Storage.Requests.Select(r => r.Header("range")).ToArray());
    }

    [TestMethod]
    public async Task DownloadAsync_ServerIgnoresRange_TakesTheWholeFile()
    {
        using FakeHub hub = Hub();
        WriteIncomplete(s_weights[..1_000_000]);
        hub.StorageFault = _ => new WireResponse(200, s_weights);

        await AssertDownloadsAsync(hub);
    }

    [TestMethod]
    public async Task DownloadAsync_RangeRefused_StartsAgain()
    {
        using FakeHub hub = Hub();
        WriteIncomplete(s_weights[..1_000_000]);
        hub.StorageFault = request => request.Header("range") is null ? null : new WireResponse(416, []);

        await AssertDownloadsAsync(hub);
    }

    [TestMethod]
    public async Task DownloadAsync_WrongContentTwice_IsRefusedAndLeavesNothing()
    {
        using FakeHub hub = Hub();
        byte[] damaged = [.. s_weights];
        damaged[^1] ^= 1;
        hub.StorageFault = _ => new WireResponse(200, damaged);
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            $"Hub model 'org/tiny' at '{FakeHub.Commit}', file 'model.safetensors': expected sha256 " +
            $"{FakeHub.Etag("model.safetensors", s_weights)}, "
            + $"got {FakeHub.Etag("model.safetensors", damaged)}, twice; the download is damaged on the way and was " +
                $"deleted.",
            error.Message);
        Assert.AreEqual(2, hub.Storage.Requests.Count);
        AssertNotInCache();
    }

    [TestMethod]
    public async Task DownloadAsync_WrongSmallFile_IsRefusedByItsGitHash()
    {
        using FakeHub hub = Hub();
        hub.HubFault = request =>
            request.Method == "GET" && request.Path.EndsWith("/config.json", StringComparison.Ordinal)
            ? new WireResponse(200, "[]"u8.ToArray()) : null;
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        StringAssert.Contains(error.Message,
            $"file 'config.json': expected git sha1 {FakeHub.Etag("config.json", "{}"u8.ToArray())}, got ");
    }

    [TestMethod]
    public async Task DownloadAsync_MoreBytesThanAnnounced_IsRefused()
    {
        using FakeHub hub = Hub();
        hub.StorageFault = _ => new WireResponse(200, [.. s_weights, 0]);
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            $"Hub model 'org/tiny' at '{FakeHub.Commit}', file 'model.safetensors': expected 2500000 bytes, got more.",
            error.Message);
        AssertNotInCache();
    }

    [TestMethod]
    [DataRow(500)]
    [DataRow(502)]
    [DataRow(503)]
    [DataRow(504)]
    [DataRow(429)]
    public async Task DownloadAsync_TroubleThenWell_Repeats(int status)
    {
        using FakeHub hub = Hub();
        int api = 0, head = 0, storage = 0;
        hub.HubFault = request =>
            (request.Path.StartsWith("/api/", StringComparison.Ordinal) && api++ < 2)
                || (request.Method == "HEAD" && head++ < 1) ? new WireResponse(status, []) : null;
        hub.StorageFault = _ => storage++ < 2 ? new WireResponse(status, []) : null;

        await AssertDownloadsAsync(hub);
    }

    [TestMethod]
    public async Task DownloadAsync_RetryAfter_IsKept()
    {
        using FakeHub hub = Hub();
        int asked = 0;
        hub.HubFault = _ => asked++ == 0 ? new WireResponse(429, [], ("Retry-After", "1")) : null;
        var watch = Stopwatch.StartNew();

        await AssertDownloadsAsync(hub);

        Assert.IsTrue(watch.Elapsed >= TimeSpan.FromSeconds(0.99),
            $"Came back after {watch.Elapsed}, 1 s was asked for.");
    }

    [TestMethod]
    public async Task DownloadAsync_RetryAfterTooLong_SaysSo()
    {
        using FakeHub hub = Hub();
        hub.HubFault = _ => new WireResponse(429, [], ("Retry-After", "86400"));
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            "Hub model 'org/tiny' at 'main': the server answers 429 (too many requests). The server asks to come " +
            "back after 86400 s.", error.Message);
        Assert.AreEqual(HttpStatusCode.TooManyRequests, error.StatusCode);
    }

    [TestMethod]
    public async Task DownloadAsync_AlwaysTrouble_GivesUp()
    {
        using FakeHub hub = Hub();
        hub.HubFault = _ => new WireResponse(503, []);
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            "Hub model 'org/tiny' at 'main': the server answers 503 (it is in trouble). Given up after 6 attempts.",
            error.Message);
        Assert.AreEqual(6, hub.Hub.Requests.Count);
    }

    [TestMethod]
    public async Task DownloadAsync_AlwaysCut_GivesUpAndKeepsThePart()
    {
        using FakeHub hub = Hub();
        hub.StorageFault = request =>
            Partial(FakeHub.Slice(s_weights, request.Header("range"), out int from), from) with { SendOnly = 1000 };
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        StringAssert.EndsWith(error.Message,
            "6000 of 2500000 bytes of 'model.safetensors' are there and are kept for the next attempt. Given up " +
            "after 6 attempts.");
        Assert.AreEqual(6000, new FileInfo(Incomplete).Length);
    }

    [TestMethod]
    public async Task DownloadAsync_SilentServer_TimesOutAndRepeats()
    {
        using FakeHub hub = Hub();
        int asked = 0;
        hub.StorageFault = _ =>
            asked++ == 0 ? new WireResponse(200, s_weights) { Delay = TimeSpan.FromSeconds(5) } : null;
        using var client = new HubClient(new HubOptions(_ => null)
        {
            CacheFolder = _cache,
            Endpoint = hub.Hub.Address,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            ResponseTimeout = TimeSpan.FromSeconds(1),
        });

        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);

        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
        Assert.AreEqual(2, hub.Storage.Requests.Count);
    }

    [TestMethod]
    public async Task DownloadAsync_RedirectToAnotherHost_DoesNotCarryTheToken()
    {
        using FakeHub hub = Hub();
        using HubClient client = Client(hub, "hf_secret");

        await client.DownloadAsync(FakeHub.Id);

        Assert.IsTrue(hub.Hub.Requests.All(r => r.Header("authorization") == "Bearer hf_secret"));
        Assert.AreEqual(1, hub.Storage.Requests.Count);
        Assert.IsNull(hub.Storage.Requests[0].Header("authorization"));
    }

    [TestMethod]
    public async Task DownloadAsync_EndlessRedirects_IsRefused()
    {
        using FakeHub hub = Hub();
        hub.StorageFault = request => new WireResponse(302, [], ("Location", request.Path));
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            $"Hub model 'org/tiny' at '{FakeHub.Commit}', file 'model.safetensors': expected at most 8 redirects, " +
            $"got more; the last goes to '127.0.0.1'.", error.Message);
    }

    [TestMethod]
    [DataRow(404, "RepoNotFound", null, "does not exist, or is private: check the spelling of the id.")]
    [DataRow(404, "RevisionNotFound", null, "has no revision 'main'.")]
    [DataRow(401, "", null,
        "may not exist, or be private: no token was given (HF_TOKEN). Check the spelling of the id.")]
    [DataRow(401, "", "hf_x",
        "may not exist, or be private: the token that was given is not valid. Check the spelling of the id.")]
    [DataRow(403, "", "hf_x", "is closed to you: the token that was given is not allowed to.")]
    [DataRow(401, "GatedRepo", null,
        "is gated: accept its terms at {hub}org/tiny with the account of your token; no token was given (HF_TOKEN).")]
    [DataRow(403, "GatedRepo", "hf_x",
        "is gated: accept its terms at {hub}org/tiny with the account of your token; the token that was given is not " +
        "allowed to.")]
    public async Task DownloadAsync_Refused_ExplainsWhyAtOnce(
        int status, string code, string? token, string explanation)
    {
        using FakeHub hub = Hub();
        hub.HubFault = _ => code.Length == 0 ? new WireResponse(status, [])
            : new WireResponse(status, [], ("X-Error-Code", code));
        using HubClient client = Client(hub, token);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            $"Hub model 'org/tiny' at 'main': expected an answer from {hub.Hub.Address.Authority}, got {status}; " +
            $"'org/tiny' "
            + explanation.Replace("{hub}", hub.Hub.Address.ToString(), StringComparison.Ordinal),
            error.Message);
        Assert.AreEqual((HttpStatusCode)status, error.StatusCode);
        Assert.AreEqual(1, hub.Hub.Requests.Count);
    }

    [TestMethod]
    public async Task DownloadAsync_EtagThatIsAPath_IsRefused()
    {
        using FakeHub hub = Hub();
        hub.HubFault = request =>
            request.Method == "HEAD" ? new WireResponse(200, [1], ("ETag", "\"../../../escaped\"")) : null;
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        Assert.AreEqual(
            $"Hub model 'org/tiny' at '{FakeHub.Commit}', file 'config.json': expected an ETag that can name a file, " +
            $"got '../../../escaped'.", error.Message);
    }

    [TestMethod]
    [DataRow("<html></html>",
        "expected the Hub's description of the model with 'sha' and 'siblings', got something else")]
    [DataRow("{\"sha\":\"../../x\",\"siblings\":[]}",
        "expected a commit of 40 hexadecimal digits as 'sha', got '../../x'.")]
    public async Task DownloadAsync_StrangeDescription_IsRefused(string answer, string message)
    {
        using FakeHub hub = Hub();
        hub.HubFault = _ => new WireResponse(200, System.Text.Encoding.UTF8.GetBytes(answer));
        using HubClient client = Client(hub);

        HubException error = await Assert.ThrowsExactlyAsync<HubException>(() => client.DownloadAsync(FakeHub.Id));

        StringAssert.StartsWith(error.Message, $"Hub model 'org/tiny' at 'main': {message}");
    }

    [TestMethod]
    public async Task DownloadAsync_Cancelled_StopsAndIsContinuedLater()
    {
        using FakeHub hub = Hub();
        using var cancel = new CancellationTokenSource();
        using HubClient client = Client(hub);
        var stop = new CancelAtProgress(cancel);

        try
        {
            await client.DownloadAsync(FakeHub.Id, progress: stop, cancellationToken: cancel.Token);
            Assert.Fail("Not cancelled.");
        }
        catch (OperationCanceledException)
        {
        }
        long there = new FileInfo(Incomplete).Length;
        Assert.IsTrue(there > 0 && there < s_weights.Length, $"{there} bytes");

        await AssertDownloadsAsync(hub);
        Assert.AreEqual($"bytes={there}-", hub.Storage.Requests[^1].Header("range"));
    }

    private string Incomplete =>
        Path.Combine(_cache, "models--org--tiny", "blobs",
        FakeHub.Etag("model.safetensors", s_weights) + ".incomplete");

    private static FakeHub Hub() => new(("config.json", "{}"u8.ToArray()), ("model.safetensors", s_weights));

    private static WireResponse Partial(byte[] body, int from) => from == 0
        ? new WireResponse(200, body)
        : new WireResponse(206, body, ("Content-Range", $"bytes {from}-{s_weights.Length - 1}/{s_weights.Length}"));

    private void WriteIncomplete(byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Incomplete)!);
        File.WriteAllBytes(Incomplete, content);
    }

    private void AssertNotInCache()
    {
        string blobs = Path.Combine(_cache, "models--org--tiny", "blobs");
        Assert.IsFalse(Directory.GetFiles(blobs).Any(f => new FileInfo(f).Length > 100), "A damaged file was kept.");
        Assert.AreEqual(0, Directory.GetFiles(_cache, "model.safetensors", SearchOption.AllDirectories).Length);
        Assert.IsFalse(Directory.Exists(Path.Combine(_cache, "models--org--tiny", "refs")));
    }

    private async Task AssertDownloadsAsync(FakeHub hub)
    {
        using HubClient client = Client(hub);
        using HubSnapshot snapshot = await client.DownloadAsync(FakeHub.Id);
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    private HubClient Client(FakeHub hub, string? token = null) => new(new HubOptions(_ => null)
    {
        CacheFolder = _cache,
        Endpoint = hub.Hub.Address,
        Token = token,
        RetryDelay = TimeSpan.FromMilliseconds(5),
    });

    private sealed class CancelAtProgress(CancellationTokenSource source) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.File == "model.safetensors")
            {
                source.Cancel();
            }
        }
    }
}
