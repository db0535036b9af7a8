using System.IO.Compression;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.GoogleCloud.Tests;

/// <summary>
/// Downloads through everything that goes wrong on the way: the bytes are those that are stored, or there is an error
/// that says why not.
/// </summary>
[TestClass]
public sealed class GcsDownloadTests
{
    private const int Piece = 1 << 16; // what a cut loses at most

    private static readonly byte[] s_bytes = TestBucket.Bytes(1_000_003);

    [TestMethod]
    public void Fetch_SecondTime_BringsNothingAgain()
    {
        using var bucket = new TestBucket();
        long generation = bucket.Server.Backend.Put("a/clip.wav", s_bytes);
        string first = bucket.Store.Fetch(TestBucket.At("a/clip.wav"));
        CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(first));
        StringAssert.EndsWith(first, "-clip.wav");

        Assert.AreEqual(first, bucket.Store.Fetch(TestBucket.At("a/clip.wav")));
        Assert.AreEqual($"{generation}", bucket.Media.Last().Query("ifGenerationNotMatch"));
        StoredObject listed = bucket.Store.List(TestBucket.At("a/")).Single();
        int before = bucket.Server.Requests.Count;
        Assert.AreEqual(first, bucket.Store.Fetch(TestBucket.At("a/clip.wav"), listed));
        Assert.AreEqual(before, bucket.Server.Requests.Count);
    }

    [TestMethod]
    public void Fetch_ObjectReplaced_GivesTheNewOneBesideTheOld()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        StoredObject old = bucket.Store.Find(TestBucket.At("a"))!;
        string first = bucket.Store.Fetch(TestBucket.At("a"));
        bucket.Server.Backend.Put("a", [1, 2, 3]);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));
        CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(first));

        // What a list told before the object was replaced is out of date: the object that there is.
        bucket.Server.Backend.Put("a", [4]);
        StoredObject stale = old with { Generation = old.Generation - 5 };
        CollectionAssert.AreEqual(new byte[] { 4 }, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"), stale)));
    }

    [TestMethod]
    public void Fetch_CutManyTimes_GoesOnWhereItWasCut()
    {
        using var bucket = new TestBucket();
        long generation = bucket.Server.Backend.Put("a", s_bytes);
        bucket.Server.Break(r => r.IsMedia, new GcsFault { CutBodyAt = 300_000 }, new GcsFault { CutBefore = true },
            new GcsFault { CutBodyAt = 0 }, new GcsFault { CutBodyAt = 200_000 }, new GcsFault { Status = 503 });
        CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));

        GcsRequest[] media = [.. bucket.Media];
        Assert.HasCount(6, media);
        // Whole pieces of 64 KiB are kept of what came: 4 of 300,000 bytes, then 3 more of 200,000.
        Assert.AreEqual($"bytes={4 * Piece}-", media[1].Headers["range"]);
        Assert.AreEqual($"bytes={4 * Piece}-", media[3].Headers["range"]);
        Assert.AreEqual($"bytes={7 * Piece}-", media[5].Headers["range"]);
        Assert.IsTrue(media.Skip(1).All(r => r.Query("generation") == $"{generation}"));
    }

    [TestMethod]
    public void Fetch_ReplacedWhileItIsRead_IsOfOneGeneration()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        byte[] other = TestBucket.Bytes(900_000, seed: 2);
        int media = 0;
        bucket.Server.Storm = r =>
        {
            if (!r.IsMedia || ++media > 2)
            {
                return null;
            }
            if (media == 2)
            {
                bucket.Server.Backend.Put("a", other);
                return null;
            }
            return new GcsFault { CutBodyAt = 400_000 };
        };
        CollectionAssert.AreEqual(other, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));
    }

    [TestMethod]
    public void Fetch_WrongByteOnce_IsBroughtAnew()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        bucket.Server.Break(r => r.IsMedia, new GcsFault { WrongByte = true }, new GcsFault { WrongHash = true });
        CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));
        Assert.AreEqual(3, bucket.Media.Count());
    }

    [TestMethod]
    public void Fetch_WrongBytesAgainAndAgain_SaysSoAndKeepsNothing()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", [1, 2, 3]);
        bucket.Server.Storm = r => r.IsMedia ? new GcsFault { WrongHash = true } : null;
        TestBucket.Fails(
            StorageErrorKind.Corrupt,
            "'gs://test-bucket/a': expected CRC-32C 00000001 as the service tells, got f130f21e, 3 times. What is on " +
            "the way changes the bytes (a proxy, perhaps): nothing was kept.",
            () => bucket.Store.Fetch(TestBucket.At("a")));
        bucket.Server.Storm = null;
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));
    }

    [TestMethod]
    public void Fetch_GivenUp_AnotherProcessGoesOnFromThePart()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        bucket.Server.Storm = r =>
            r.IsMedia ? (r.Headers.ContainsKey("range") ? new GcsFault { CutBefore = true }
            : new GcsFault { CutBodyAt = 600_000 }) : null;
        Assert.AreEqual(StorageErrorKind.Unavailable,
            Assert.ThrowsExactly<StorageException>(() => bucket.Store.Fetch(TestBucket.At("a"))).Kind);

        bucket.Server.Storm = null;
        IObjectStore other = GoogleCloudStorage.Open(bucket.Options);
        using (other as IDisposable)
        {
            CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(other.Fetch(TestBucket.At("a"))));
        }
        Assert.AreEqual($"bytes={9 * Piece}-", bucket.Media.Last().Headers["range"]);
    }

    [TestMethod]
    public void Fetch_KeptFileDamaged_IsBroughtAgainByTheNextProcess()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        string path = bucket.Store.Fetch(TestBucket.At("a"));
        using (FileStream file = File.OpenWrite(path))
        {
            file.Write(new byte[100]); // as a lost power supply may leave it
        }
        IObjectStore other = GoogleCloudStorage.Open(bucket.Options);
        using (other as IDisposable)
        {
            CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(other.Fetch(TestBucket.At("a"))));
        }
    }

    [TestMethod]
    public void Fetch_ByManyThreads_IsOneDownload()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        bucket.Server.Latency = TimeSpan.FromMilliseconds(50);
        string[] paths = [.. Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(8)
            .Select(_ => bucket.Store.Fetch(TestBucket.At("a")))];
        Assert.AreEqual(1, paths.Distinct().Count());
        Assert.AreEqual(1, bucket.Media.Count(r => r.Query("ifGenerationNotMatch") is null));
    }

    [TestMethod]
    public void Fetch_ServerThatTellsNoFacts_AsksForThem()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.TellsFacts = false;
        bucket.Server.Backend.Put("a", s_bytes);
        CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));
    }

    [TestMethod]
    public void Fetch_StoredAsGzip_IsVerifiedAndUnpacked()
    {
        using var bucket = new TestBucket();
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            zip.Write("AudioKey,Subject\n"u8);
        }
        bucket.Server.Backend.Put("meta.csv", packed.ToArray(), encoding: "gzip");
        Assert.AreEqual("AudioKey,Subject\n", StoragePath.ReadAllText(TestBucket.At("meta.csv")));
        bucket.Store.Download(TestBucket.At("meta.csv"), Path.Combine(bucket.Folder, "meta.csv"));
        Assert.AreEqual("AudioKey,Subject\n", File.ReadAllText(Path.Combine(bucket.Folder, "meta.csv")));
    }

    [TestMethod]
    public void Download_EmptyObject_IsAnEmptyFile()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("empty", []);
        string file = Path.Combine(bucket.Folder, "new", "empty");
        bucket.Store.Download(TestBucket.At("empty"), file);
        Assert.AreEqual(0, new FileInfo(file).Length);
        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [TestMethod]
    public void Fetch_NoObjectOrBucket_NamesTheAddress()
    {
        using var bucket = new TestBucket();
        TestBucket.Fails(
            StorageErrorKind.NotFound,
            "'gs://test-bucket/none.wav': expected an object, got status 404 (No such object: test-bucket/none.wav). " +
            "Check the spelling of the address.",
            () => bucket.Store.Fetch(TestBucket.At("none.wav")));
        TestBucket.Fails(
            StorageErrorKind.NotFound,
            "'gs://no-bucket/a': expected to look for an object, got status 404 (The specified bucket does not " +
            "exist). Check the spelling of the address.",
            () => bucket.Store.Find("gs://no-bucket/a"));
        Assert.AreEqual(2, bucket.Server.Requests.Count);
    }

    [TestMethod]
    public void ReadRange_CutOnce_GivesThePart()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        bucket.Server.Break(r => r.IsMedia, new GcsFault { CutBodyAt = 10 });
        CollectionAssert.AreEqual(s_bytes[1000..3000], bucket.Store.ReadRange(TestBucket.At("a"), 1000, 2000));
        CollectionAssert.AreEqual(s_bytes[^3..], bucket.Store.ReadRange(TestBucket.At("a"), s_bytes.Length - 3, 2000));
        Assert.HasCount(0, bucket.Store.ReadRange(TestBucket.At("a"), s_bytes.Length, 5));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(100_000)]
    public void Fetch_PartWithStatus200_GoesWhereItsRangeSays(int earlier)
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        bucket.Server.Break(r => r.IsMedia, new GcsFault { CutBodyAt = 300_000 });
        bucket.Server.Break(r => r.IsMedia, new GcsFault { PartAs200 = true, RangeEarlier = earlier });
        CollectionAssert.AreEqual(s_bytes, File.ReadAllBytes(bucket.Store.Fetch(TestBucket.At("a"))));
        Assert.AreEqual(2, bucket.Media.Count());

        bucket.Server.Break(r => r.IsMedia, new GcsFault { PartAs200 = true });
        CollectionAssert.AreEqual(s_bytes[1000..3000], bucket.Store.ReadRange(TestBucket.At("a"), 1000, 2000));
    }

    [TestMethod]
    public void Fetch_DiskFull_IsNoFaultOfTheNetwork()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Inconclusive("Needs /dev/full, which Linux has: a file to which nothing can be written.");
        }
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", s_bytes);
        // The name under which the part is kept leads to a device that is full.
        bucket.Store.Fetch(TestBucket.At("a"));
        string kept = Directory.EnumerateFiles(bucket.Options.CacheFolder!, "*", SearchOption.AllDirectories).Single();
        long generation = bucket.Server.Backend.Put("a", s_bytes);
        string stem = Path.Combine(Path.GetDirectoryName(kept)!, Path.GetFileName(kept).Split('-')[0]);
        File.CreateSymbolicLink($"{stem}-{generation}.part", "/dev/full");
        int before = bucket.Media.Count();
        IOException error = Assert.ThrowsExactly<IOException>(() => bucket.Store.Fetch(TestBucket.At("a")));
        StringAssert.Contains(error.Message, "No space left on device");
        Assert.IsLessThanOrEqualTo(before + 2, bucket.Media.Count());
        Assert.HasCount(0, bucket.Time.Waits);
    }

    [TestMethod]
    public void Fetch_CacheAboveItsLimit_LosesWhatWasNotUsedForLongest()
    {
        using var bucket = new TestBucket(o => o.CacheLimit = 1000);
        var paths = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            bucket.Server.Backend.Put($"o{i}", new byte[300]);
            paths.Add(bucket.Store.Fetch(TestBucket.At($"o{i}")));
            bucket.Time.Advance(TimeSpan.FromMinutes(2));
            bucket.Store.Fetch(TestBucket.At("o0"));
        }
        CollectionAssert.AreEqual(new[] { true, false, false, true, true }, paths.Select(File.Exists).ToArray());
    }
}
