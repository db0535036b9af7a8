using SpeechML.GoogleCloud;

namespace SpeechML;

/// <summary>
/// Google Cloud Storage at <c>gs://bucket/name</c>: one call at the start of a program, and such addresses work
/// wherever SpeechML takes a path.
/// </summary>
/// <example><code>GoogleCloudStorage.Register();
/// var pipeline = mlContext.Transforms.LoadAudio("Audio", "gs://my-bucket/clips", "AudioKey");</code></example>
public static class GoogleCloudStorage
{
    /// <summary>The scheme of the addresses.</summary>
    public const string Scheme = "gs";

    /// <summary>Makes <c>gs://</c> addresses work in the whole process. Nothing is asked of the service yet.</summary>
    /// <param name="options">Credentials, cache, retries; <see langword="null"/> for application-default credentials,
    /// or the emulator that <c>STORAGE_EMULATOR_HOST</c> names.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IObjectStore Register(GoogleCloudStorageOptions? options = null)
    {
        IObjectStore store = Open(options);
        ObjectStores.Register(Scheme, store);
        return store;
    }

    /// <summary>A store for use by itself.</summary>
    /// <inheritdoc cref="Register"/>
    public static IObjectStore Open(GoogleCloudStorageOptions? options = null) =>
        new GcsStore(options ?? new GoogleCloudStorageOptions());
}
