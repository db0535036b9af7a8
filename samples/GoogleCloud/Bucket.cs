using SpeechML;
using SpeechML.TestSupport.GoogleCloud;

namespace GoogleCloudSample;

/// <summary>The bucket: a real one, an emulator's, or one in this process.</summary>
internal sealed class Bucket : IDisposable
{
    private readonly GcsServer? _server;
    private readonly DirectoryInfo? _cache;

    /// <summary>Registers the store.</summary>
    /// <param name="place">gs://bucket/folder; <see langword="null"/> for a server in this process.</param>
    /// <param name="latency">How long that server waits before each answer.</param>
    public Bucket(string? place, TimeSpan latency)
    {
        if (place is not null)
        {
            // application-default credentials, or the emulator that STORAGE_EMULATOR_HOST names
            GoogleCloudStorage.Register();
            Root = place.TrimEnd('/');
            return;
        }
        _server = new GcsServer { Latency = latency };
        _cache = Directory.CreateTempSubdirectory("speechml-cache-"); // goes with the server
        GoogleCloudStorage.Register(
            new GoogleCloudStorageOptions
            {
                Endpoint = _server.Address,
                Credentials = GoogleCloudCredentials.Anonymous,
                CacheFolder = _cache.FullName
            });
        Root = $"gs://{GcsBackend.Bucket}/sample";
    }

    public string Root { get; }

    /// <summary>What was asked of the server in this process.</summary>
    public string Summary =>
        _server is null ? "" : $"{_server.Requests.Count} requests, at most {_server.MaxAtATime} at a time";

    public void Dispose()
    {
        _server?.Dispose();
        _cache?.Delete(recursive: true);
    }
}
