using System.Net;
using System.Net.Http.Headers;

namespace SpeechML.GoogleCloud;

/// <summary>
/// What Google's client sends its requests through, innermost: the token goes to the service itself and nowhere else,
/// no redirect is followed, bytes come as they are stored, silence ends, and failures that may pass are told from
/// those that stay.
/// </summary>
internal sealed class GcsHandler : DelegatingHandler
{
    private const string Media = "alt=media";

    private readonly GoogleCloudStorageOptions _options;
    private readonly Uri _endpoint;

    public GcsHandler(GoogleCloudStorageOptions options, Uri endpoint)
        : base(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a token must not follow
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None, // checksums are those of the bytes as stored
            ConnectTimeout = options.ResponseTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }) => (_options, _endpoint) = (options, endpoint);

    /// <exception cref="GcsTransientException">It may pass.</exception>
    /// <exception cref="GcsRefusalException">The answer, or the upload session's address, leads elsewhere.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        CheckHost(request.RequestUri!);
        bool media = request.RequestUri!.Query.Contains(Media, StringComparison.Ordinal);
        if (media)
        {
            // The bytes as they are stored, which the checksum is of.
            request.Headers.AcceptEncoding.Clear();
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        }
        HttpResponseMessage response = await GcsPatience.GuardAsync(
            token => base.SendAsync(request, token), _options.ResponseTimeout, cancellationToken)
            .ConfigureAwait(false);
        int status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500)
        {
            using (response)
            {
                throw new GcsTransientException($"status {status} ({response.ReasonPhrase})", RetryAfter(response));
            }
        }
        if (status is >= 300 and < 400 and not (304 or 308))
        {
            using (response)
            {
                throw new GcsRefusalException(
                    $"expected an answer from {_endpoint.Authority}, got status {status} that leads to " +
                    $"'{response.Headers.Location}', where no token is sent. Check the option Endpoint.");
            }
        }
        await WatchAsync(response, media, cancellationToken).ConfigureAwait(false);
        return response;
    }

    /// <summary>A session's address comes from an answer: the token must not go anywhere that it names.</summary>
    private void CheckHost(Uri target)
    {
        if (Uri.Compare(target, _endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped,
            StringComparison.OrdinalIgnoreCase) != 0)
        {
            throw new GcsRefusalException(
                $"expected an upload session at {_endpoint.GetLeftPart(UriPartial.Authority)}, got one at " +
                $"{target.GetLeftPart(UriPartial.Authority)}, where no token is sent. Check the option Endpoint.");
        }
    }

    /// <summary>The body too must not be silent for long, and an answer in JSON is not endless.</summary>
    private async Task WatchAsync(HttpResponseMessage response, bool media, CancellationToken cancellation)
    {
        HttpContent content = response.Content;
        Stream body = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        response.Content = new StreamContent(new GcsBody(body, _options.ResponseTimeout, media));
        foreach ((string name, IEnumerable<string> values) in content.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(name, values);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _options.TimeProvider.GetUtcNow(),
        _ => null,
    };
}
