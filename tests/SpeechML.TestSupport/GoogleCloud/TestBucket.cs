
namespace SpeechML.TestSupport.GoogleCloud;

/// <summary>A server with one bucket, a store on it with a cache of its own, on a clock without waits.</summary>
internal sealed class TestBucket : IDisposable
{
    private readonly Scratch _scratch = new();

    public TestBucket(Action<GoogleCloudStorageOptions>? set = null)
    {
        var options = new GoogleCloudStorageOptions
        {
            Endpoint = Server.Address,
            Credentials = GoogleCloudCredentials.Anonymous,
            CacheFolder = _scratch.At("cache"),
            TimeProvider = Time,
            UploadPiece = GoogleCloudStorageOptions.UploadUnit,
        };
        set?.Invoke(options);
        Options = options;
        Store = GoogleCloudStorage.Register(options);
    }

    public GcsServer Server { get; } = new();

    public ImpatientTime Time { get; } = new();

    public GoogleCloudStorageOptions Options { get; }

    public IObjectStore Store { get; }

    public string Folder => _scratch.Folder;

    public IEnumerable<GcsRequest> Media => Server.Requests.Where(r => r.IsMedia);

    public static string At(string name) => $"gs://{GcsBackend.Bucket}/{name}";

    /// <summary>Bytes that repeat nowhere.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public StoredObject Write(string name, byte[] bytes, WriteCondition condition = default) =>
        Store.Write(At(name), new MemoryStream(bytes), condition);

    public static StorageException Fails(StorageErrorKind kind, string message, Action action)
    {
        StorageException error = Assert.ThrowsExactly<StorageException>(action);
        Assert.AreEqual(message, error.Message);
        Assert.AreEqual(kind, error.Kind);
        return error;
    }

    public void Dispose()
    {
        ObjectStores.Unregister("gs");
        (Store as IDisposable)!.Dispose();
        Server.Dispose();
        _scratch.Dispose();
    }
}
