using System.Net;
using System.Net.Http.Headers;

namespace SpeechML.Encoders.Hub;

/// <summary>
/// Single requests to the Hub: redirects, the token only to the Hub itself, answers turned into exceptions that explain
/// them.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MaxRedirects = 8;

    private readonly HubOptions _options;
    private readonly HttpClient _client;

    public HubHttp(HubOptions options, HttpMessageHandler? handler)
    {
        _options = options;
        _client = new HttpClient(handler ?? CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue("SpeechML", typeof(HubHttp).Assembly.GetName().Version?.ToString(3)));
        // Sizes and hashes are those of the bytes as stored.
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>
    /// Redirects are followed here, not by the handler, which would not tell of which host an answer is.
    /// </summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
    };

    public Uri Address(string path) => new($"{_options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    /// <summary>Sends a request and returns as soon as the headers are there.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="address">Where to.</param>
    /// <param name="request">What is asked for, to explain a refusal.</param>
    /// <param name="from">First byte wanted; from 1 on a Range is asked for.</param>
    /// <param name="leaveHub">Whether to follow a redirect to another host; else its answer is returned.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HubTransientException">It may succeed when repeated.</exception>
    /// <exception cref="HubException">The Hub refuses.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, HubRequest request, long from, bool leaveHub, CancellationToken cancellation)
    {
        for (int redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            HttpResponseMessage response = await SendOnceAsync(method, address, from, cancellation)
                .ConfigureAwait(false);
            Uri? next = IsRedirect(response.StatusCode) && response.Headers.Location is { } location
                ? new Uri(address, location) : null;
            if (next is null || (!leaveHub && !IsSameHost(next, address)))
            {
                return next is not null || response.IsSuccessStatusCode
                    || (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && from > 0)
                    ? response
                    : throw Explain(response, request);
            }
            response.Dispose();
            if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme != "https"))
            {
                throw new HubException(
                    $"{request}: expected a redirect to https, got one from '{address.Host}' to " +
                    $"{next.Scheme}://{next.Host}.");
            }
            address = next;
        }
        throw new HubException(
            $"{request}: expected at most {MaxRedirects} redirects, got more; the last goes to '{address.Host}'.");
    }

    /// <summary>
    /// Turns what a broken connection throws into a failure that may be repeated; a cancellation by the caller stays
    /// one.
    /// </summary>
    public async Task<T> GuardAsync<T>(
        string what, Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_options.ResponseTimeout);
        try
        {
            return await action(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new HubTransientException(
                $"{what}: nothing came for {_options.ResponseTimeout.TotalSeconds:0.#} s.", innerException: error);
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException or EndOfStreamException)
        {
            throw new HubTransientException($"{what}: {error.Message.TrimEnd('.')}.", innerException: error)
            {
                // A name that nobody knows is hardly known a minute later.
                MaxRetries = error is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }
                    ? 1 : int.MaxValue,
            };
        }
    }

    public void Dispose() => _client.Dispose();

    private Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, Uri address, long from, CancellationToken cancellation) =>
        GuardAsync(
            $"'{address.GetLeftPart(UriPartial.Authority)}'",
            async token =>
            {
                using var request = new HttpRequestMessage(method, address);
                if (_options.Token is { } secret && IsSameHost(address, _options.Endpoint))
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
                }
                if (from > 0)
                {
                    request.Headers.Range = new RangeHeaderValue(from, null);
                }
                return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token)
                    .ConfigureAwait(false);
            },
            cancellation);

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>
    /// Same scheme, host and port: a token for one service must not reach another on the same machine, nor travel
    /// unencrypted.
    /// </summary>
    private static bool IsSameHost(Uri a, Uri b) =>
        Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private Exception Explain(HttpResponseMessage response, HubRequest request)
    {
        using (response)
        {
            HttpStatusCode status = response.StatusCode;
            string code = Header(response, "X-Error-Code");
            string said = Header(response, "X-Error-Message") is { Length: > 0 } message
                ? $" The Hub says: '{CheckpointException.Shorten(message)}'." : "";
            string token = _options.Token is null ? "no token was given (HF_TOKEN)"
                : "the token that was given is not allowed to";
            if ((int)status is 429 or >= 500)
            {
                return new HubTransientException(
                    $"{request}: the server answers {(int)status} " +
                    $"({(status == HttpStatusCode.TooManyRequests ? "too many requests" : "it is in trouble")}).{said}",
                    status, RetryAfter(response));
            }
            string explanation = (status, code) switch
            {
                (_, "GatedRepo") =>
                    $"is gated: accept its terms at {Address(request.Id)} with the account of your token; {token}",
                (_, "RevisionNotFound") => $"has no revision '{request.Revision}'",
                (_, "EntryNotFound") => $"has no file '{request.File}' at revision '{request.Revision}'",
                (HttpStatusCode.Unauthorized, _) =>
                $"may not exist, or be private: " +
                $"{(_options.Token is null ? token : "the token that was given is not valid")}. Check the spelling " +
                $"of the id",
                (HttpStatusCode.Forbidden, _) => $"is closed to you: {token}",
                (HttpStatusCode.NotFound, _) => "does not exist, or is private: check the spelling of the id",
                _ => "is refused",
            };
            return new HubException(
                $"{request}: expected an answer from {_options.Endpoint.Authority}, got {(int)status}; " +
                $"'{request.Id}' {explanation}.{said}", status);
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > DateTimeOffset.UtcNow => date - DateTimeOffset.UtcNow,
        _ => null,
    };

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : "";
}
