using Google.Apis.Auth.OAuth2;

namespace SpeechML;

/// <summary>As whom Google Cloud Storage is asked.</summary>
public enum GoogleCloudCredentials
{
    /// <summary>Application-default credentials; nobody where an emulator is used.</summary>
    Automatic,

    /// <summary>
    /// Application-default credentials: the file that <c>GOOGLE_APPLICATION_CREDENTIALS</c> names, what <c>gcloud auth
    /// application-default login</c> left, or the machine's
    /// service account in Google Cloud.
    /// </summary>
    ApplicationDefault,

    /// <summary>Nobody: public buckets only.</summary>
    Anonymous,
}

/// <summary>How <see cref="GoogleCloudStorage"/> reaches Google Cloud Storage, and how long it tries.</summary>
public sealed record GoogleCloudStorageOptions
{
    /// <summary>
    /// What upload pieces are multiples of (256 KiB): the service takes no others, but for the last one.
    /// </summary>
    public const int UploadUnit = 1 << 18;

    /// <summary>As whom to ask.</summary>
    public GoogleCloudCredentials Credentials { get; set; } = GoogleCloudCredentials.Automatic;

    /// <summary>
    /// Credentials of the caller's own, in place of <see cref="Credentials"/>; default <see langword="null"/>.
    /// </summary>
    public GoogleCredential? Credential { get; set; }

    /// <summary>
    /// The service; <see langword="null"/> for what <c>STORAGE_EMULATOR_HOST</c> names, else for
    /// <c>https://storage.googleapis.com</c>.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Where downloads are kept, by bucket, object and generation; <see langword="null"/> for <c>speechml/gs</c> in the
    /// user's local application data.
    /// </summary>
    public string? CacheFolder { get; set; }

    /// <summary>
    /// Bytes to keep at most: what has not been used for longest goes first. <see langword="null"/> for no limit.
    /// </summary>
    public long? CacheLimit { get; set; }

    /// <summary>How many transfers at a time hide the service's latency when audio is read.</summary>
    public int ParallelReads { get; set; } = 64;

    /// <summary>Bytes per request of an upload; a multiple of <see cref="UploadUnit"/>.</summary>
    public int UploadPiece { get; set; } = 8 << 20;

    /// <summary>Wait before the first repetition; doubled each time, with up to as much again at random.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between repetitions.</summary>
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromSeconds(32);

    /// <summary>How long to repeat what makes no progress before it is given up.</summary>
    public TimeSpan RetryDeadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long nothing may come before a connection counts as broken.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock of waits between repetitions, of their deadline and of the cache.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        Check(Enum.IsDefined(Credentials), nameof(Credentials), "a known value", Credentials);
        Check(Endpoint is null || (Endpoint.IsAbsoluteUri && Endpoint.Scheme is "http" or "https"), nameof(Endpoint),
            "an http or https address", Endpoint);
        Check(CacheLimit is null or > 0, nameof(CacheLimit), "more than 0 bytes, or null", CacheLimit);
        Check(ParallelReads is > 0 and <= 1024, nameof(ParallelReads), "a number from 1 to 1024", ParallelReads);
        Check(UploadPiece > 0 && UploadPiece % UploadUnit == 0, nameof(UploadPiece), $"a multiple of {UploadUnit}",
            UploadPiece);
        Check(RetryDelay > TimeSpan.Zero, nameof(RetryDelay), "more than 0", RetryDelay);
        Check(LongestRetryDelay >= RetryDelay, nameof(LongestRetryDelay), $"at least {nameof(RetryDelay)}",
            LongestRetryDelay);
        Check(RetryDeadline >= TimeSpan.Zero, nameof(RetryDeadline), "0 or more", RetryDeadline);
        Check(ResponseTimeout > TimeSpan.Zero, nameof(ResponseTimeout), "more than 0", ResponseTimeout);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }

    private static void Check(bool holds, string name, string expected, object? got)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"Option {name}: expected {expected}, got {got}."));
        }
    }
}
