using System.Net;
using System.Runtime.ExceptionServices;
using Google;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;
using Google.Apis.Services;
using Google.Apis.Storage.v1;
using Google.Cloud.Storage.V1;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Google's client, made at the first request, without repetitions, redirects and decompression of its own: those are
/// <see cref="GcsRetry"/>'s and <see cref="GcsHandler"/>'s. What it throws is sorted into failures that may pass and
/// errors that stay.
/// </summary>
internal sealed class GcsClient : IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/devstorage.read_write";

    private readonly GoogleCloudStorageOptions _options;
    private readonly SemaphoreSlim _making = new(1);
    private readonly Uri _endpoint;
    private readonly bool _isAnonymous;
    private StorageClient? _client;

    public GcsClient(GoogleCloudStorageOptions options)
    {
        _options = options;
        string? emulator = options.Endpoint is null ? Environment.GetEnvironmentVariable("STORAGE_EMULATOR_HOST")
            : null;
        bool emulated = !string.IsNullOrWhiteSpace(emulator);
        _endpoint = options.Endpoint
            ?? (emulated ? ParseEmulator(emulator!) : new Uri("https://storage.googleapis.com/"));
        _isAnonymous = options.Credential is null
            && (options.Credentials == GoogleCloudCredentials.Anonymous
            || (options.Credentials == GoogleCloudCredentials.Automatic && emulated));
    }

    /// <summary>Runs a call of Google's client.</summary>
    /// <param name="address">The object, for messages.</param>
    /// <param name="expected">What is expected of the address.</param>
    /// <param name="action">The call.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="GcsTransientException">It may pass.</exception>
    /// <exception cref="GcsStatusException">The service answers with a status that stays.</exception>
    /// <exception cref="StorageException">The credentials do not suffice, or the answer leads elsewhere.</exception>
    public async Task<T> CallAsync<T>(
        string address, string expected, Func<StorageClient, Task<T>> action, CancellationToken cancellation)
    {
        StorageClient client = _client ?? await MakeAsync(address, cancellation).ConfigureAwait(false);
        try
        {
            return await action(client).ConfigureAwait(false);
        }
        catch (GcsLocalException local)
        {
            ExceptionDispatchInfo.Throw(local.Failure);
            throw;
        }
        catch (Exception error) when (Sort(error, address, expected, cancellation) is { } sorted
            && !ReferenceEquals(sorted, error))
        {
            throw sorted;
        }
    }

    /// <summary>What a failure of Google's client means; the failure itself where it is none of the client's.</summary>
    public Exception Sort(Exception error, string address, string expected, CancellationToken cancellation)
    {
        if (error is OperationCanceledException && cancellation.IsCancellationRequested)
        {
            return error;
        }
        return error switch
        {
            GcsTransientException or StorageException or GcsStatusException => error,
            GcsRefusalException => new StorageException(StorageErrorKind.Invalid, address, error.Message),
            AggregateException { InnerException: { } inner } => Sort(inner, address, expected, cancellation),
            // A success that cannot be read: broken off, empty, or of something between us and the service.
            GoogleApiException { HttpStatusCode: 0 or (>= HttpStatusCode.OK and < HttpStatusCode.Ambiguous) }
                or Newtonsoft.Json.JsonException => Unreadable(error),
            GoogleApiException refused => Explain(refused, address, expected),
            TokenResponseException or InvalidOperationException or FileNotFoundException => NoCredentials(
                error, address),
            { InnerException: GcsTransientException or GcsRefusalException } =>
                Sort(error.InnerException, address, expected, cancellation),
            OperationCanceledException or HttpRequestException or IOException => GcsPatience.Broken(error),
            _ => error,
        };
    }

    public GcsTransientException Unreadable(Exception? error) =>
        new($"an answer without readable JSON from {_endpoint.Authority} (option Endpoint)", innerException: error);

    public void Dispose()
    {
        _client?.Dispose();
        _making.Dispose();
    }

    private static Exception Explain(GoogleApiException error, string address, string expected)
    {
        int status = (int)error.HttpStatusCode;
        string said = (string.IsNullOrEmpty(error.Error?.Message) ? error.HttpStatusCode.ToString()
            : error.Error.Message).TrimEnd('.');
        (StorageErrorKind kind, string advice) = status switch
        {
            401 => (StorageErrorKind.Denied, "Check the credentials ('gcloud auth application-default login')."),
            403 => (StorageErrorKind.Denied,
            "Ask for a role on the bucket: roles/storage.objectViewer to read, roles/storage.objectUser to write."),
            404 => (StorageErrorKind.NotFound, "Check the spelling of the address."),
            412 => (StorageErrorKind.Conflict, "Choose another name, or overwrite it explicitly."),
            _ => (StorageErrorKind.Invalid, "The request cannot succeed by being repeated."),
        };
        string what = status is 401 or 403 ? "access" : expected;
        var explained = new StorageException(
            kind, address, $"expected {what}, got status {status} ({said}). {advice}");
        return status is 401 or 403 ? explained : new GcsStatusException(status, said, explained);
    }

    private async Task<StorageClient> MakeAsync(string address, CancellationToken cancellation)
    {
        await _making.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_client is { } made)
            {
                return made;
            }
            if (!_isAnonymous && _endpoint.Scheme != Uri.UriSchemeHttps && !_endpoint.IsLoopback)
            {
                throw new StorageException(
                    StorageErrorKind.Denied, address,
                    $"expected an https endpoint for a request with credentials, got {_endpoint}. Use https, or " +
                    $"Credentials = Anonymous.");
            }
            var service = new StorageService(new BaseClientService.Initializer
            {
                ApplicationName = $"SpeechML/{typeof(GcsClient).Assembly.GetName().Version?.ToString(3)}",
                BaseUri = $"{_endpoint.GetLeftPart(UriPartial.Authority)}/storage/v1/",
                DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
                GZipEnabled = false,
                HttpClientFactory = new Factory(_options, _endpoint),
                HttpClientInitializer = _isAnonymous ? null
                    : await FindCredentialAsync(address, cancellation).ConfigureAwait(false),
                HttpClientTimeout = Timeout.InfiniteTimeSpan, // GcsHandler's patience ends with ResponseTimeout
            });
            service.HttpClient.MessageHandler.NumTries = 1;
            service.HttpClient.MessageHandler.FollowRedirect = false;
            return _client = new StorageClientImpl(service);
        }
        finally
        {
            _making.Release();
        }
    }

    private async Task<GoogleCredential> FindCredentialAsync(string address, CancellationToken cancellation)
    {
        try
        {
            GoogleCredential found = _options.Credential
                ?? await GoogleCredential.GetApplicationDefaultAsync(cancellation).ConfigureAwait(false);
            return found.IsCreateScopedRequired ? found.CreateScoped(Scope) : found;
        }
        catch (Exception e) when (
            e is InvalidOperationException or FileNotFoundException or Newtonsoft.Json.JsonException)
        {
            throw NoCredentials(e, address);
        }
    }

    private static StorageException NoCredentials(Exception error, string address) => new(
        StorageErrorKind.Denied,
        address,
        $"expected application-default credentials, got none that work: {error.Message.TrimEnd('.')}. Run " +
        $"'gcloud auth application-default login', let GOOGLE_APPLICATION_CREDENTIALS name a key file, or " +
        $"set Credentials = Anonymous for a public bucket.",
        error);

    /// <summary>As other clients read it: with or without a scheme.</summary>
    private static Uri ParseEmulator(string value) =>
        Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : $"http://{value}", UriKind.Absolute,
            out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new ArgumentException(
                $"STORAGE_EMULATOR_HOST: expected an address as 'http://localhost:4443', got '{value}'.");

    private sealed class Factory(GoogleCloudStorageOptions options, Uri endpoint) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) =>
            new GcsHandler(options, endpoint);
    }
}
