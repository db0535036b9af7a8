using Google.Apis.Auth.OAuth2;
using SpeechML.Audio.Options;

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
[DoesNotAffectResult]
public sealed record GoogleCloudStorageOptions
{
    /// <summary>
    /// What upload pieces are multiples of (256 KiB): the service takes no others, but for the last one.
    /// </summary>
    public const int UploadUnit = 1 << 18;

    /// <summary>As whom to ask. The default is <see cref="GoogleCloudCredentials.Automatic"/>.</summary>
    public GoogleCloudCredentials Credentials { get; set; } = GoogleCloudCredentials.Automatic;

    /// <summary>
    /// Credentials of the caller's own, in place of <see cref="Credentials"/>; <see langword="null"/>, the default,
    /// for none.
    /// </summary>
    [InCodeOnly("credentials, or null")]
    public GoogleCredential? Credential { get; set; }

    /// <summary>
    /// The service; <see langword="null"/>, the default, for what <c>STORAGE_EMULATOR_HOST</c> names, else for
    /// <c>https://storage.googleapis.com</c>.
    /// </summary>
    [InCodeOnly("an http or https address, or null")]
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Where downloads are kept, by bucket, object and generation; <see langword="null"/>, the default, for
    /// <c>speechml/gs</c> in the user's local application data.
    /// </summary>
    public string? CacheFolder { get; set; }

    /// <summary>
    /// Bytes to keep at most: what has not been used for longest goes first. <see langword="null"/>, the default, for
    /// no limit.
    /// </summary>
    [InRange("more than 0 bytes, or null", Above = 0)]
    public long? CacheLimit { get; set; }

    /// <summary>
    /// How many transfers at a time hide the service's latency when audio is read. The default is 256.
    /// </summary>
    [InRange("a number from 1 to 1024", Min = 1, Max = 1024)]
    public int ParallelReads { get; set; } = 256;

    /// <summary>
    /// Bytes per request of an upload; a multiple of <see cref="UploadUnit"/>. The default is 8388608.
    /// </summary>
    [InRange("a multiple of 262144 above 0", Above = 0)]
    public int UploadPiece { get; set; } = 8 << 20;

    /// <summary>
    /// Wait before the first repetition; doubled each time, with up to as much again at random. The default is 1 s.
    /// </summary>
    [InRange("more than 0 s", Above = 0)]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between repetitions, at least <see cref="RetryDelay"/>. The default is 32 s.</summary>
    [InRange("at least RetryDelay", Above = 0)]
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromSeconds(32);

    /// <summary>How long to repeat what makes no progress before it is given up. The default is 300 s.</summary>
    [InRange("0 s or more", Min = 0)]
    public TimeSpan RetryDeadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long nothing may come before a connection counts as broken. The default is 60 s.</summary>
    [InRange("more than 0 s", Above = 0)]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The clock of waits between repetitions, of their deadline and of the cache. The default is the system's.
    /// </summary>
    [InCodeOnly("a clock")]
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        OptionModel.Of(typeof(GoogleCloudStorageOptions)).Validate(this);
        OptionChecks.Check(Endpoint is null || (Endpoint.IsAbsoluteUri && Endpoint.Scheme is "http" or "https"),
            nameof(Endpoint), "an http or https address, or null", Endpoint);
        OptionChecks.Check(UploadPiece % UploadUnit == 0, nameof(UploadPiece), $"a multiple of {UploadUnit} above 0",
            UploadPiece);
        OptionChecks.Check(LongestRetryDelay >= RetryDelay, nameof(LongestRetryDelay), "at least RetryDelay",
            LongestRetryDelay);
    }
}
