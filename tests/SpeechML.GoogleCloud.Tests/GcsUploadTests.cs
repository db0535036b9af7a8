using SpeechML.Audio.Storage;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.GoogleCloud.Tests;

/// <summary>
/// Uploads through everything that goes wrong on the way: every write takes effect once, with all its bytes, or there
/// is an error that says why not.
/// </summary>
[TestClass]
public sealed class GcsUploadTests
{
    private const int Unit = GoogleCloudStorageOptions.UploadUnit;

    public static IEnumerable<object[]> Faults()
    {
        bool Begin(GcsRequest r) => r.Method == "POST";
        bool Piece(GcsRequest r) => r.IsPiece;
        var cut = new GcsFault { CutBefore = true };
        var lost = new GcsFault { CutAfter = true };
        yield return ["503 then ok, at the beginning", (Func<GcsRequest, bool>)Begin,
            new[] { new GcsFault { Status = 503 } }, 4];
        yield return ["429 and 408 at a piece", (Func<GcsRequest, bool>)Piece,
            new[] { new GcsFault { Status = 429, RetryAfter = 7 }, new GcsFault { Status = 408 } }, 6];
        yield return ["answer of the beginning lost", (Func<GcsRequest, bool>)Begin, new[] { lost }, 4];
        yield return ["cut before a piece", (Func<GcsRequest, bool>)Piece, new[] { cut, cut }, 6];
        yield return ["cut within a piece, nothing kept", (Func<GcsRequest, bool>)Piece,
            new[] { new GcsFault { StopReadingAt = 1000 } }, 5];
        yield return ["answer of a piece lost", (Func<GcsRequest, bool>)Piece, new[] { lost }, 4];
        yield return ["answer of every piece lost, the last one's too", (Func<GcsRequest, bool>)Piece,
            new[] { lost, lost, lost }, 6];
        yield return ["session lost at the first piece", (Func<GcsRequest, bool>)Piece,
            new[] { new GcsFault { LoseSession = true } }, 5];
        yield return ["session lost twice", (Func<GcsRequest, bool>)Piece,
            new[] { new GcsFault { LoseSession = true }, new GcsFault { LoseSession = true } }, 6];
        foreach (string text in new[] { "", "{", "{\"name\": \"a\", \"si", "<html>", "null" })
        {
            yield return [$"last answer is '{text}'", (Func<GcsRequest, bool>)(r => IsLast(r)),
                new[] { new GcsFault { Body = text } }, 5];
        }
        yield return ["last answer cut", (Func<GcsRequest, bool>)(r => IsLast(r)),
            new[] { new GcsFault { CutBodyAt = 40 } }, 5];
        yield return ["nothing of a piece kept", (Func<GcsRequest, bool>)Piece, new[] { new GcsFault { Commit = 0 } },
            5];
    }

    private static bool IsLast(GcsRequest r) =>
        r.IsPiece && r.Headers["content-range"].StartsWith($"bytes {2 * Unit}-", StringComparison.Ordinal);

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void Write_FaultOnTheWay_WritesOnceAndWhole(string what, object match, object[] faults, int atLeast)
    {
        byte[] bytes = TestBucket.Bytes((2 * Unit) + 12_345);
        using var bucket = new TestBucket();
        bucket.Server.Break((Func<GcsRequest, bool>)match, faults.Cast<GcsFault>());
        StoredObject written = bucket.Write("a", bytes);

        CollectionAssert.AreEqual(bytes, bucket.Server.Backend["a"].Bytes, what);
        Assert.AreEqual(new StoredObject(
            "gs://test-bucket/a", bytes.Length, bucket.Server.Backend["a"].Generation, Crc32C.Compute(bytes)), written);
        Assert.HasCount(1, bucket.Server.Backend.Writes, what);
        Assert.IsGreaterThanOrEqualTo(atLeast, bucket.Server.Requests.Count, what);
    }

    [TestMethod]
    public void Write_FromThePositionOfAStream_WritesTheRest()
    {
        byte[] bytes = TestBucket.Bytes((3 * Unit) + 5);
        using var bucket = new TestBucket();
        bucket.Server.Break(r => r.IsPiece, new GcsFault { Status = 503 }, new GcsFault { CutAfter = true });
        using var content = new MemoryStream(bytes) { Position = 5 };
        bucket.Store.Write(TestBucket.At("a"), content, WriteCondition.IfAbsent);
        CollectionAssert.AreEqual(bytes[5..], bucket.Server.Backend["a"].Bytes);
    }

    [TestMethod]
    public void Write_ContentThatCannotBeRead_IsNoFaultOfTheNetwork()
    {
        using var bucket = new TestBucket();
        using var content = new Unreadable(TestBucket.Bytes(3 * Unit), Unit);
        IOException error = Assert.ThrowsExactly<IOException>(
            () => bucket.Store.Write(TestBucket.At("a"), content, WriteCondition.IfAbsent));
        Assert.AreEqual("The disk is gone.", error.Message);
        Assert.HasCount(0, bucket.Time.Waits);
    }

    /// <summary>A stream that, once it was read whole, can be read to a point only.</summary>
    private sealed class Unreadable(byte[] bytes, int limit) : MemoryStream(bytes)
    {
        private bool _once;

        public override int Read(Span<byte> buffer) => Guard(base.Read(buffer));

        public override int Read(byte[] buffer, int offset, int count) => Guard(base.Read(buffer, offset, count));

        private int Guard(int count)
        {
            if (_once && Position > limit)
            {
                throw new IOException("The disk is gone.");
            }
            _once |= Position == Length;
            return count;
        }
    }

    [TestMethod]
    public void Write_PieceKeptInPart_GoesOnBehindThePart()
    {
        byte[] bytes = TestBucket.Bytes(9 * Unit);
        using var bucket = new TestBucket(o => o.UploadPiece = 4 * Unit);
        bucket.Server.Break(r => r.IsPiece, new GcsFault { Commit = Unit },
            new GcsFault { StopReadingAt = (2 * Unit) + 99 });
        bucket.Write("a", bytes);

        CollectionAssert.AreEqual(bytes, bucket.Server.Backend["a"].Bytes);
        string[] ranges = [.. bucket.Server.Requests.Where(r => r.Method == "PUT")
            .Select(r => r.Headers["content-range"])];
        CollectionAssert.AreEqual(
            new[]
            {
                $"bytes 0-{(4 * Unit) - 1}/{9 * Unit}",
                $"bytes {Unit}-{(5 * Unit) - 1}/{9 * Unit}",
                $"bytes */{9 * Unit}",
                $"bytes {3 * Unit}-{(7 * Unit) - 1}/{9 * Unit}",
                $"bytes {7 * Unit}-{(9 * Unit) - 1}/{9 * Unit}",
            },
            ranges);
    }

    [TestMethod]
    public void Write_LastAnswerAndSessionLost_KnowsItsOwnObject()
    {
        byte[] bytes = TestBucket.Bytes(100);
        using var bucket = new TestBucket();
        bucket.Server.Break(r => r.IsPiece, new GcsFault { CutAfter = true });
        bucket.Server.Break(r => r.IsQuestion, new GcsFault { LoseSession = true });
        StoredObject written = bucket.Write("a", bytes);
        Assert.AreEqual(bucket.Server.Backend["a"].Generation, written.Generation);
        Assert.HasCount(1, bucket.Server.Backend.Writes);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(Unit)]
    [DataRow(Unit + 1)]
    public void Write_AnySize_ComesBackTheSame(int size)
    {
        using var bucket = new TestBucket();
        byte[] bytes = TestBucket.Bytes(size);
        bucket.Write("a", bytes);
        CollectionAssert.AreEqual(bytes, StoragePath.ReadAllBytes(TestBucket.At("a")));
    }

    [TestMethod]
    public void Write_ObjectThere_IsNotReplaced()
    {
        using var bucket = new TestBucket();
        long generation = bucket.Server.Backend.Put("a", [1]);
        TestBucket.Fails(
            StorageErrorKind.Conflict,
            $"'gs://test-bucket/a': expected no object there, got generation {generation} of 1 bytes. Choose another " +
            $"name, or overwrite it explicitly.",
            () => bucket.Write("a", [2]));
        CollectionAssert.AreEqual(new byte[] { 1 }, bucket.Server.Backend["a"].Bytes);
        bucket.Write("a", [3], WriteCondition.Overwrite);
        CollectionAssert.AreEqual(new byte[] { 3 }, bucket.Server.Backend["a"].Bytes);
        Assert.AreEqual($"{generation}",
            bucket.Server.Requests.Last(r => r.Method == "POST").Query("ifGenerationMatch"));
    }

    [TestMethod]
    public void Write_ObjectChangesMeanwhile_IsNotReplaced()
    {
        using var bucket = new TestBucket();
        long before = bucket.Server.Backend.Put("a", [1]);
        long after = 0;
        bucket.Server.Storm = r =>
        {
            if (r.IsPiece && after == 0)
            {
                after = bucket.Server.Backend.Put("a", [7, 7]);
            }
            return null;
        };
        TestBucket.Fails(
            StorageErrorKind.Conflict,
            $"'gs://test-bucket/a': expected generation {before}, got generation {before + 1} of 2 bytes. Another " +
            $"program writes to it: read it again before it is replaced.",
            () => bucket.Write("a", [2], WriteCondition.Overwrite));
        CollectionAssert.AreEqual(new byte[] { 7, 7 }, bucket.Server.Backend["a"].Bytes);
        bucket.Write("a", [2], WriteCondition.IfGeneration(after));
        CollectionAssert.AreEqual(new byte[] { 2 }, bucket.Server.Backend["a"].Bytes);
    }

    [TestMethod]
    public void Write_ManyWritersOfOneName_OneWins()
    {
        using var bucket = new TestBucket();
        int n = 0;
        bucket.Server.Storm = r =>
            r.Method is "PUT" or "POST" && Interlocked.Increment(ref n) % 3 == 0 ? new GcsFault { CutAfter = true }
            : null;
        bool[] won = [.. Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(8).Select(i =>
        {
            try
            {
                bucket.Write("lock", [1, 2]);
                return true;
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Conflict)
            {
                return false;
            }
        })];
        Assert.AreEqual(1, won.Count(w => w));
        Assert.HasCount(1, bucket.Server.Backend.Writes);
    }

    [TestMethod]
    public void Write_SessionsLostForEver_IsGivenUp()
    {
        using var bucket = new TestBucket();
        bucket.Server.Storm = r => r.IsPiece ? new GcsFault { LoseSession = true } : null;
        TestBucket.Fails(
            StorageErrorKind.Unavailable,
            "'gs://test-bucket/a': expected an upload session that lasts, got 8 that the service lost. Try again " +
            "later.",
            () => bucket.Write("a", [2]));
    }

    [TestMethod]
    public void Write_SessionElsewhere_GetsNeitherTokenNorBytes()
    {
        using var elsewhere = new GcsServer();
        using var bucket = new TestBucket(
            o => o.Credential = Google.Apis.Auth.OAuth2.GoogleCredential.FromAccessToken("secret"));
        bucket.Server.Backend.SessionHost = elsewhere.Address;
        TestBucket.Fails(
            StorageErrorKind.Invalid,
            $"'gs://test-bucket/a': expected an upload session at " +
            $"{bucket.Server.Address.GetLeftPart(UriPartial.Authority)}, got one at " +
            $"{elsewhere.Address.GetLeftPart(UriPartial.Authority)}, where no token is sent. Check the option " +
            "Endpoint.",
            () => bucket.Write("a", [2]));
        Assert.HasCount(0, elsewhere.Requests);
        Assert.AreEqual("Bearer secret", bucket.Server.Requests.Single().Headers["authorization"]);
    }
}
