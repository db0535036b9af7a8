using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Single requests: the token, and only to the service itself; no redirects; answers and failures sorted into those
/// that may pass and those that stay.
/// </summary>
internal sealed class GcsHttp : IDisposable
{
    private const int LongestAnswer = 1 << 26;

    private readonly GoogleCloudStorageOptions _options;
    private readonly GcsCredentials _credentials;
    private readonly HttpClient _client;

    public GcsHttp(GoogleCloudStorageOptions options)
    {
        _options = options;
        string? emulator = options.Endpoint is null ? Environment.GetEnvironmentVariable("STORAGE_EMULATOR_HOST")
            : null;
        Endpoint = options.Endpoint
            ?? (string.IsNullOrWhiteSpace(emulator) ? new Uri("https://storage.googleapis.com/")
            : ParseEmulator(emulator));
        _credentials = new GcsCredentials(options, Endpoint, emulator: !string.IsNullOrWhiteSpace(emulator));
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a token must not follow
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None, // checksums are those of the bytes as stored
            ConnectTimeout = options.ResponseTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue("SpeechML", typeof(GcsHttp).Assembly.GetName().Version?.ToString(3)));
    }

    public Uri Endpoint { get; }

    /// <summary>An address of the JSON API.</summary>
    /// <param name="path">What stands behind the API's version; escaped.</param>
    /// <param name="upload">Whether it is one of those for uploads.</param>
    /// <param name="query">Names and values; those without a value are left out.</param>
    public Uri Address(string path, bool upload = false, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var text = new System.Text.StringBuilder(Endpoint.GetLeftPart(UriPartial.Authority))
            .Append(upload ? "/upload" : "").Append("/storage/v1").Append(path);
        char separator = '?';
        foreach ((string name, string? value) in query)
        {
            if (value is not null)
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }
        return new Uri(text.ToString());
    }

    /// <summary>Sends a request and returns as soon as the headers are there.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">Where to.</param>
    /// <param name="address">The object, for messages.</param>
    /// <param name="prepare">Adds headers and content.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="GcsTransientException">It may pass.</exception>
    /// <exception cref="StorageException">The credentials do not suffice, or the answer leads elsewhere.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri target, string address, Action<HttpRequestMessage>? prepare,
        CancellationToken cancellation)
    {
        CheckHost(target, address);
        using var request = new HttpRequestMessage(method, target);
        prepare?.Invoke(request);
        await _credentials.AuthorizeAsync(request, address, cancellation).ConfigureAwait(false);
        HttpResponseMessage response =
            await GuardAsync(token => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token),
            cancellation).ConfigureAwait(false);
        int status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500)
        {
            using (response)
            {
                throw new GcsTransientException($"status {status} ({response.ReasonPhrase})", RetryAfter(response));
            }
        }
        if (status is 401 or 403)
        {
            throw await ExplainAsync(response, address, "access", cancellation).ConfigureAwait(false);
        }
        if (status is >= 300 and < 400 and not (304 or 308))
        {
            using (response)
            {
                throw new StorageException(
                    StorageErrorKind.Invalid, address,
                    $"expected an answer from {Endpoint.Authority}, got status {status} that leads to " +
                    $"'{response.Headers.Location}', where no token is sent. Check the option Endpoint.");
            }
        }
        return response;
    }

    /// <summary>Reads an answer in JSON.</summary>
    /// <exception cref="GcsTransientException">It breaks off.</exception>
    /// <exception cref="StorageException">It is none.</exception>
    public async Task<JsonDocument> ReadJsonAsync(
        HttpResponseMessage response, string address, CancellationToken cancellation)
    {
        byte[] bytes = await ReadBodyAsync(response, cancellation).ConfigureAwait(false);
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw new StorageException(
                StorageErrorKind.Invalid, address,
                $"expected an answer in JSON from {Endpoint.Authority}, got something else: {e.Message} Check the " +
                $"option Endpoint.", e);
        }
    }

    /// <summary>
    /// Turns what a broken connection throws into a failure that may pass; a cancellation by the caller stays one.
    /// </summary>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_options.ResponseTimeout);
        try
        {
            return await action(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new GcsTransientException(
                FormattableString.Invariant($"nothing for {_options.ResponseTimeout.TotalSeconds:0.#} s"),
                innerException: error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException and not StorageException)
        {
            throw new GcsTransientException(
                $"a broken connection ({(error.InnerException ?? error).Message.TrimEnd('.')})", innerException: error);
        }
    }

    /// <summary>The error that an answer means. The answer is disposed.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="address">The object.</param>
    /// <param name="expected">What was expected of the address.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<StorageException> ExplainAsync(
        HttpResponseMessage response, string address, string expected, CancellationToken cancellation)
    {
        using (response)
        {
            int status = (int)response.StatusCode;
            string said = await SaidAsync(response, cancellation).ConfigureAwait(false);
            (StorageErrorKind kind, string advice) = status switch
            {
                401 => (StorageErrorKind.Denied, "Check the credentials ('gcloud auth application-default login')."),
                403 => (StorageErrorKind.Denied,
                "Ask for a role on the bucket: roles/storage.objectViewer to read, roles/storage.objectUser to write."),
                404 => (StorageErrorKind.NotFound, "Check the spelling of the address."),
                412 => (StorageErrorKind.Conflict, "Choose another name, or overwrite it explicitly."),
                _ => (StorageErrorKind.Invalid, "The request cannot succeed by being repeated."),
            };
            return new StorageException(kind, address, $"expected {expected}, got status {status} ({said}). {advice}");
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _credentials.Dispose();
    }

    /// <summary>A session's address comes from an answer: the token must not go anywhere that it names.</summary>
    private void CheckHost(Uri target, string address)
    {
        if (Uri.Compare(target, Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped,
            StringComparison.OrdinalIgnoreCase) != 0)
        {
            throw new StorageException(
                StorageErrorKind.Invalid, address,
                $"expected an upload session at {Endpoint.GetLeftPart(UriPartial.Authority)}, got one at " +
                $"{target.GetLeftPart(UriPartial.Authority)}, where no token is sent. Check the option Endpoint.");
        }
    }

    private async Task<string> SaidAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            using var json = JsonDocument.Parse(await ReadBodyAsync(response, cancellation).ConfigureAwait(false));
            string? message = json.RootElement.GetProperty("error").GetProperty("message").GetString();
            return string.IsNullOrEmpty(message) ? response.ReasonPhrase ?? "" : message.TrimEnd('.');
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or GcsTransientException)
        {
            return response.ReasonPhrase ?? "";
        }
    }

    private Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellation) => GuardAsync(
        async token =>
        {
            await response.Content.LoadIntoBufferAsync(LongestAnswer, token).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false);
        },
        cancellation);

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _options.TimeProvider.GetUtcNow(),
        _ => null,
    };

    /// <summary>As other clients read it: with or without a scheme.</summary>
    private static Uri ParseEmulator(string value) =>
        Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : $"http://{value}", UriKind.Absolute,
            out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new ArgumentException(
                $"STORAGE_EMULATOR_HOST: expected an address as 'http://localhost:4443', got '{value}'.");
}
