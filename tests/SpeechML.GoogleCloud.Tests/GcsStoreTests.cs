using System.Net;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.GoogleCloud.Tests;

/// <summary>Lists, deletions, names, retries, credentials and options.</summary>
[TestClass]
public sealed class GcsStoreTests
{
    [TestMethod]
    public void List_ManyPagesWithFaults_NothingLostOrDoubled()
    {
        using var bucket = new TestBucket();
        string[] names = [.. Enumerable.Range(0, 103).Select(i => $"clips/{i:D4}.wav")];
        foreach (string name in names)
        {
            bucket.Server.Backend.Put(name, [1]);
        }
        bucket.Server.Backend.Put("clipsx", [1]);
        bucket.Server.Backend.PageSize = 10;
        int n = 0;
        bucket.Server.Storm = _ =>
            (n++ % 4) switch
            {
                0 => new GcsFault { CutBodyAt = 50 },
                1 => new GcsFault { Status = 500 },
                2 => new GcsFault { CutAfter = true },
                _ => null
            };
        CollectionAssert.AreEqual(
            names.Select(TestBucket.At).ToArray(),
            bucket.Store.List(TestBucket.At("clips/")).Select(o => o.Address).ToArray());
        Assert.HasCount(0, bucket.Store.List(TestBucket.At("nothing/")).ToArray());
    }

    [TestMethod]
    public void List_FirstOnly_AsksForOnePage()
    {
        using var bucket = new TestBucket();
        for (int i = 0; i < 9; i++)
        {
            bucket.Server.Backend.Put($"o{i}", [1]);
        }
        bucket.Server.Backend.PageSize = 2;
        Assert.AreEqual(TestBucket.At("o0"), bucket.Store.List(TestBucket.At("o")).First().Address);
        Assert.HasCount(1, bucket.Server.Requests);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{\"items\": [{\"na")]
    [DataRow("<html>")]
    public void Answer_ThatCannotBeRead_IsAskedForAgain(string body)
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", [1]);
        bucket.Server.Break(r => r.IsList, new GcsFault { Body = body });
        Assert.AreEqual(TestBucket.At("a"), bucket.Store.List(TestBucket.At("")).Single().Address);
        bucket.Server.Break(r => !r.IsMedia, new GcsFault { Body = body });
        Assert.AreEqual(1, bucket.Store.Find(TestBucket.At("a"))!.Size);
        Assert.HasCount(2, bucket.Time.Waits);
    }

    [TestMethod]
    public void Description_WithoutSize_IsOfAnEmptyObject()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.LeavesZerosOut = true;
        Assert.AreEqual(0, bucket.Write("empty", []).Size);
        Assert.AreEqual(0, bucket.Store.Find(TestBucket.At("empty"))!.Size);
        Assert.AreEqual(0, bucket.Store.List(TestBucket.At("")).Single().Size);
    }

    [TestMethod]
    [DataRow("The specified bucket does not exist.")]
    [DataRow("Bucket no-bucket does not exist.")]
    [DataRow("Bucket not found")]
    public void Bucket_ThatIsMissing_IsAnErrorOfEveryCall(string said)
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.NoBucket = said;
        Action[] calls =
        [
            () => bucket.Store.Find("gs://no-bucket/a"), () => bucket.Store.Delete("gs://no-bucket/a"),
            () => bucket.Store.Delete("gs://no-bucket/a", 5), () => bucket.Store.Fetch("gs://no-bucket/a"),
            () => bucket.Store.ReadRange("gs://no-bucket/a", 0, 5),
            () => _ = bucket.Store.List("gs://no-bucket/").ToArray(),
            () => bucket.Store.Write("gs://no-bucket/a", new MemoryStream([1]), WriteCondition.IfAbsent),
            () => bucket.Store.Write("gs://no-bucket/a", new MemoryStream([1]), WriteCondition.Overwrite),
        ];
        foreach (Action call in calls)
        {
            StorageException error = Assert.ThrowsExactly<StorageException>(call);
            Assert.AreEqual(StorageErrorKind.NotFound, error.Kind);
            StringAssert.Contains(error.Message, said.TrimEnd('.'));
        }
        Assert.IsNull(bucket.Store.Find(TestBucket.At("a bucket that does not exist")));
    }

    [TestMethod]
    public void Delete_AnswerLost_SaysThatItWasThere()
    {
        using var bucket = new TestBucket();
        bucket.Server.Backend.Put("a", [1]);
        bucket.Server.Break(r => r.Method == "DELETE", new GcsFault { CutAfter = true });
        Assert.IsTrue(bucket.Store.Delete(TestBucket.At("a")));
        Assert.HasCount(0, bucket.Server.Backend.Names);
        Assert.IsFalse(bucket.Store.Delete(TestBucket.At("a")));
    }

    [TestMethod]
    public void Delete_AnotherGeneration_LeavesIt()
    {
        using var bucket = new TestBucket();
        long generation = bucket.Server.Backend.Put("a", [1]);
        TestBucket.Fails(
            StorageErrorKind.Conflict,
            $"'gs://test-bucket/a': expected generation {generation - 1} to delete, got status 412 (At least one of " +
            $"the pre-conditions you specified did not hold). Choose another name, or overwrite it explicitly.",
            () => bucket.Store.Delete(TestBucket.At("a"), generation - 1));
        Assert.HasCount(1, bucket.Server.Backend.Names);
    }

    [TestMethod]
    [DataRow("plain.wav", "plain.wav")]
    [DataRow("a b/c d.wav", "a%20b%2Fc%20d.wav")]
    [DataRow("ä/ü+ö?x=1&y#z%41.wav", "%C3%A4%2F%C3%BC%2B%C3%B6%3Fx%3D1%26y%23z%2541.wav")]
    [DataRow("a/../b//c./.", "a%2F..%2Fb%2F%2Fc.%2F.")]
    [DataRow("語/🎤.flac", "%E8%AA%9E%2F%F0%9F%8E%A4.flac")]
    public void Names_OfAnyKind_ComeBackAsTheyAre(string name, string escaped)
    {
        using var bucket = new TestBucket();
        bucket.Write(name, [1, 2]);
        CollectionAssert.AreEqual(new[] { name }, bucket.Server.Backend.Names.ToArray());
        Assert.AreEqual(TestBucket.At(name), bucket.Store.List(TestBucket.At(name)).Single().Address);
        CollectionAssert.AreEqual(new byte[] { 1, 2 }, StoragePath.ReadAllBytes(TestBucket.At(name)));
        Assert.AreEqual($"/storage/v1/b/test-bucket/o/{escaped}", bucket.Media.Last().Path);
        Assert.IsTrue(bucket.Store.Delete(TestBucket.At(name)));
    }

    [TestMethod]
    [DataRow("gs://", "a bucket of 3 to 222 lower-case letters, digits, '-', '_' and '.', got ''")]
    [DataRow("gs://Bucket/a", "a bucket of 3 to 222 lower-case letters, digits, '-', '_' and '.', got 'Bucket'")]
    [DataRow("gs://bucket",
        "an object name of 1 to 1024 bytes behind the bucket, other than '.' and '..', got no name")]
    [DataRow("gs://bucket/..",
        "an object name of 1 to 1024 bytes behind the bucket, other than '.' and '..', got the name '..'")]
    [DataRow("gs://bucket/a\nb", "a name without line breaks, got one with")]
    [DataRow("s3://bucket/a", "gs://bucket/name, got another scheme")]
    public void Address_ThatIsNone_SaysWhatOneIs(string address, string problem)
    {
        using var bucket = new TestBucket();
        TestBucket.Fails(StorageErrorKind.Invalid, $"'{address}': expected {problem}.",
            () => bucket.Store.Find(address));
        Assert.HasCount(0, bucket.Server.Requests);
    }

    [TestMethod]
    public void Retry_Waits_DoubleUpToTheLimitUntilTheDeadline()
    {
        using var bucket = new TestBucket();
        bucket.Server.Storm = _ => new GcsFault { Status = 503 };
        StorageException error = Assert.ThrowsExactly<StorageException>(() => bucket.Store.Find(TestBucket.At("a")));
        Assert.AreEqual(StorageErrorKind.Unavailable, error.Kind);
        double[] waits = [.. bucket.Time.Waits.Select(w => w.TotalSeconds)];
        for (int i = 0; i < waits.Length; i++)
        {
            double least = Math.Min(32, Math.Pow(2, i));
            Assert.IsTrue(waits[i] >= least && waits[i] <= Math.Min(32, least + 1), $"wait {i}: {waits[i]} s");
        }
        Assert.IsTrue(waits.Sum() is > 300 - 32 and <= 300, $"{waits.Sum()} s");
        Assert.AreEqual(waits.Length + 1, bucket.Server.Requests.Count);
        StringAssert.StartsWith(
            error.Message,
            "'gs://test-bucket/a': expected an answer within 300 s (RetryDeadline), got status 503 " +
            "(ServiceUnavailable) at the last of ");
    }

    [TestMethod]
    public void Retry_AfterTheServerAsks_WaitsAsLong()
    {
        using var bucket = new TestBucket();
        bucket.Server.Break(_ => true, new GcsFault { Status = 429, RetryAfter = 50 });
        Assert.IsNull(bucket.Store.Find(TestBucket.At("a")));
        Assert.AreEqual(TimeSpan.FromSeconds(50), bucket.Time.Waits.Single());
    }

    [TestMethod]
    [DataRow(400, StorageErrorKind.Invalid, "The request cannot succeed by being repeated.")]
    [DataRow(401, StorageErrorKind.Denied, "Check the credentials ('gcloud auth application-default login').")]
    [DataRow(403, StorageErrorKind.Denied,
        "Ask for a role on the bucket: roles/storage.objectViewer to read, roles/storage.objectUser to write.")]
    public void Retry_RefusalThatStays_IsNotRepeated(int status, StorageErrorKind kind, string advice)
    {
        using var bucket = new TestBucket();
        bucket.Server.Break(_ => true, new GcsFault { Status = status });
        StorageException error = Assert.ThrowsExactly<StorageException>(() => bucket.Store.Fetch(TestBucket.At("a")));
        Assert.AreEqual(kind, error.Kind);
        Assert.AreEqual(
            $"'gs://test-bucket/a': expected {(status == 400 ? "an object" : "access")}, got status {status} " +
            $"(injected). {advice}", error.Message);
        Assert.HasCount(1, bucket.Server.Requests);
    }

    [TestMethod]
    public void Retry_NothingComes_CountsAsCut()
    {
        using var bucket = new TestBucket(o => o.ResponseTimeout = TimeSpan.FromMilliseconds(300));
        bucket.Server.Backend.Put("a", [5]);
        bucket.Server.Break(r => r.IsMedia, new GcsFault { Delay = TimeSpan.FromSeconds(30) });
        CollectionAssert.AreEqual(new byte[] { 5 }, StoragePath.ReadAllBytes(TestBucket.At("a")));
        Assert.HasCount(1, bucket.Time.Waits);
    }

    [TestMethod]
    public void Redirect_IsNotFollowed()
    {
        using var bucket = new TestBucket();
        bucket.Server.Break(_ => true, new GcsFault { Status = (int)HttpStatusCode.Found });
        TestBucket.Fails(
            StorageErrorKind.Invalid,
            $"'gs://test-bucket/a': expected an answer from {bucket.Server.Address.Authority}, got status 302 that " +
            $"leads to '', where no token is sent. Check the option Endpoint.",
            () => bucket.Store.Fetch(TestBucket.At("a")));
    }

    [TestMethod]
    public void Credentials_OverPlainHttpToAnotherMachine_AreNotSent()
    {
        var options = new GoogleCloudStorageOptions
        {
            Endpoint = new Uri("http://storage.invalid/"),
            Credential = Google.Apis.Auth.OAuth2.GoogleCredential.FromAccessToken("secret")
        };
        IObjectStore store = GoogleCloudStorage.Open(options);
        using (store as IDisposable)
        {
            TestBucket.Fails(
                StorageErrorKind.Denied,
                "'gs://bucket/a': expected an https endpoint for a request with credentials, got " +
                "http://storage.invalid/. Use https, or Credentials = Anonymous.",
                () => store.Find("gs://bucket/a"));
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Emulator_OfTheEnvironment_IsAskedWithoutCredentials(bool withScheme)
    {
        using var server = new GcsServer();
        server.Backend.Put("a", [1]);
        Environment.SetEnvironmentVariable(
            "STORAGE_EMULATOR_HOST", withScheme ? server.Address.ToString() : server.Address.Authority);
        try
        {
            IObjectStore store = GoogleCloudStorage.Open();
            using (store as IDisposable)
            {
                Assert.AreEqual(1, store.Find(TestBucket.At("a"))!.Size);
            }
            Assert.IsFalse(server.Requests.Single().Headers.ContainsKey("authorization"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("STORAGE_EMULATOR_HOST", null);
        }
    }

    [TestMethod]
    public void Credentials_FileThatIsNone_SaysWhatToDo()
    {
        Environment.SetEnvironmentVariable("GOOGLE_APPLICATION_CREDENTIALS", "/none.json");
        try
        {
            using var bucket = new TestBucket(o => o.Credentials = GoogleCloudCredentials.ApplicationDefault);
            StorageException error =
                Assert.ThrowsExactly<StorageException>(() => bucket.Store.Find(TestBucket.At("a")));
            Assert.AreEqual(StorageErrorKind.Denied, error.Kind);
            StringAssert.StartsWith(
                error.Message, "'gs://test-bucket/a': expected application-default credentials, got none that work: ");
            StringAssert.EndsWith(error.Message,
                ". Run 'gcloud auth application-default login', let GOOGLE_APPLICATION_CREDENTIALS name a key file, " +
                "or set Credentials = Anonymous for a public bucket.");
            Assert.HasCount(0, bucket.Server.Requests);
        }
        finally
        {
            Environment.SetEnvironmentVariable("GOOGLE_APPLICATION_CREDENTIALS", null);
        }
    }

    [TestMethod]
    public void Options_OutOfRange_NameWhatIsExpected()
    {
        (Action<GoogleCloudStorageOptions> Set, string Message)[] cases =
        [
            (o => o.UploadPiece = 1000, "Option UploadPiece: expected a multiple of 262144, got 1000."),
            (o => o.ParallelReads = 0, "Option ParallelReads: expected a number from 1 to 1024, got 0."),
            (o => o.CacheLimit = 0, "Option CacheLimit: expected more than 0 bytes, or null, got 0."),
            (o => o.Endpoint = new Uri("ftp://x/"),
            "Option Endpoint: expected an http or https address, got ftp://x/."),
            (o => o.LongestRetryDelay = TimeSpan.Zero,
            "Option LongestRetryDelay: expected at least RetryDelay, got 00:00:00."),
        ];
        foreach ((Action<GoogleCloudStorageOptions> set, string message) in cases)
        {
            var options = new GoogleCloudStorageOptions();
            set(options);
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() => GoogleCloudStorage.Open(options)).Message);
        }
    }
}
