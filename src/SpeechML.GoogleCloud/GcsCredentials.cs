using Google.Apis.Auth.OAuth2;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Puts an access token into requests. It is found at the first one and renewed by Google.Apis.Auth as it ages.
/// </summary>
internal sealed class GcsCredentials(GoogleCloudStorageOptions options, Uri endpoint, bool emulator) : IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/devstorage.read_write";

    private readonly SemaphoreSlim _finding = new(1);
    private ITokenAccess? _found;

    private bool IsAnonymous =>
        options.Credential is null
        && (options.Credentials == GoogleCloudCredentials.Anonymous
        || (options.Credentials == GoogleCloudCredentials.Automatic && emulator));

    /// <exception cref="StorageException">There are no credentials, or no token is given for them; or it would travel
    /// unencrypted.</exception>
    public async Task AuthorizeAsync(HttpRequestMessage request, string address, CancellationToken cancellation)
    {
        if (IsAnonymous)
        {
            return;
        }
        if (endpoint.Scheme != Uri.UriSchemeHttps && !endpoint.IsLoopback)
        {
            throw new StorageException(
                StorageErrorKind.Denied, address,
                $"expected an https endpoint for a request with credentials, got {endpoint}. Use https, or " +
                $"Credentials = Anonymous.");
        }
        try
        {
            ITokenAccess access = await FindAsync(cancellation).ConfigureAwait(false);
            if (access is ITokenAccessWithHeaders withHeaders)
            {
                // Among the headers: the project that quotas are counted on.
                AccessTokenWithHeaders token =
                    await withHeaders.GetAccessTokenWithHeadersForRequestAsync(endpoint.AbsoluteUri, cancellation)
                    .ConfigureAwait(false);
                token.AddHeaders(request);
                request.Headers.Authorization = new("Bearer", token.AccessToken);
                return;
            }
            string secret = await access.GetAccessTokenForRequestAsync(endpoint.AbsoluteUri, cancellation)
                .ConfigureAwait(false);
            request.Headers.Authorization = new("Bearer", secret);
        }
        catch (Exception e) when (
            e is InvalidOperationException or Google.Apis.Auth.OAuth2.Responses.TokenResponseException
            or FileNotFoundException or Newtonsoft.Json.JsonException)
        {
            throw new StorageException(
                StorageErrorKind.Denied,
                address,
                $"expected application-default credentials, got none that work: {e.Message.TrimEnd('.')}. Run " +
                $"'gcloud auth application-default login', let GOOGLE_APPLICATION_CREDENTIALS name a key file, or " +
                $"set Credentials = Anonymous for a public bucket.",
                e);
        }
        catch (HttpRequestException e)
        {
            throw new GcsTransientException($"no access token ({e.Message.TrimEnd('.')})", innerException: e);
        }
    }

    public void Dispose() => _finding.Dispose();

    private async Task<ITokenAccess> FindAsync(CancellationToken cancellation)
    {
        if (_found is { } known)
        {
            return known;
        }
        await _finding.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ITokenAccess found = _found ?? options.Credential
                ?? await GoogleCredential.GetApplicationDefaultAsync(cancellation).ConfigureAwait(false);
            return _found = found is GoogleCredential { IsCreateScopedRequired: true } broad ? broad.CreateScoped(Scope)
                : found;
        }
        finally
        {
            _finding.Release();
        }
    }
}
