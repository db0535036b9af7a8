using System.Net.Http.Headers;
using System.Text.Json;

namespace SpeechML.Encoders.Hub;

/// <summary>A file of the Hub: what it is called there, and what it must be once downloaded.</summary>
/// <param name="Name">Its path in the model.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Etag">Its hash (sha256 of large files, git's sha1 of others), and the blob's name in the cache.</param>
/// <param name="Size">Bytes.</param>
internal sealed record HubFile(string Name, Uri Address, string Etag, long Size);

/// <summary>
/// The Hub's two questions: which commit and files a revision means, and what a file's size and hash are.
/// </summary>
internal sealed class HubRepository(HubHttp http, HubRetry retry)
{
    private const int LongestAnswer = 1 << 25;

    /// <exception cref="HubException">There is no such model or revision, or it may not be read.</exception>
    public Task<(string Commit, IReadOnlySet<string> Files)> DescribeAsync(
        string id, string revision, int maxRetries, CancellationToken cancellation)
    {
        var request = new HubRequest(id, revision);
        return retry.RunAsync(
            async () =>
            {
                using HttpResponseMessage response = await http
                    .SendAsync(HttpMethod.Get,
                        http.Address($"api/models/{id}/revision/{Uri.EscapeDataString(revision)}"), request, 0,
                        leaveHub: false, cancellation)
                    .ConfigureAwait(false);
                byte[] answer = await http.GuardAsync(
                    request.ToString(),
                    async token =>
                    {
                        await response.Content.LoadIntoBufferAsync(LongestAnswer, token).ConfigureAwait(false);
                        return await response.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false);
                    },
                    cancellation).ConfigureAwait(false);
                return Parse(answer, request);
            },
            maxRetries,
            cancellation);
    }

    /// <exception cref="HubException">There is no such file, or the answer does not tell its size and hash.</exception>
    public Task<HubFile> DescribeFileAsync(string id, string commit, string file, CancellationToken cancellation)
    {
        var request = new HubRequest(id, commit, file);
        Uri address = http.Address(
            $"{id}/resolve/{commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");
        return retry.RunAsync(
            async () =>
            {
                // The Hub's own answer tells the hash; the storage that it redirects to has another ETag.
                using HttpResponseMessage response =
                    await http.SendAsync(HttpMethod.Head, address, request, 0, leaveHub: false, cancellation)
                    .ConfigureAwait(false);
                string Header(string name) =>
                    response.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.First()
                    : "";

                string etag = (Header("X-Linked-Etag") is { Length: > 0 } linked ? linked : Header("ETag")).Trim();
                etag = (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');
                if (!HubNames.IsSafeEtag(etag))
                {
                    throw new HubException(
                        $"{request}: expected an ETag that can name a file, got " +
                        $"'{CheckpointException.Shorten(etag)}'.");
                }
                if (Header("X-Repo-Commit") is { Length: > 0 } got && got != commit)
                {
                    throw new HubException(
                        $"{request}: expected commit '{commit}', got '{CheckpointException.Shorten(got)}'.");
                }
                string size = Header("X-Linked-Size");
                long? bytes = size.Length == 0
                    ? (response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null)
                    : long.TryParse(size, out long parsed) ? parsed : null;
                return bytes is >= 0
                    ? new HubFile(file, address, etag, bytes.Value)
                    : throw new HubException(
                        $"{request}: expected a size in X-Linked-Size or Content-Length, got " +
                        $"'{CheckpointException.Shorten(size)}'.");
            },
            int.MaxValue,
            cancellation);
    }

    private static (string Commit, IReadOnlySet<string> Files) Parse(byte[] answer, HubRequest request)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            string commit = document.RootElement.GetProperty("sha").GetString() ?? "";
            if (!HubNames.IsCommit(commit))
            {
                throw new HubException(
                    $"{request}: expected a commit of 40 hexadecimal digits as 'sha', got " +
                    $"'{CheckpointException.Shorten(commit)}'.");
            }
            return (commit, document.RootElement.GetProperty("siblings").EnumerateArray()
                .Select(f => f.GetProperty("rfilename").GetString() ?? "").ToHashSet(StringComparer.Ordinal));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HubException(
                $"{request}: expected the Hub's description of the model with 'sha' and 'siblings', got something " +
                $"else: {error.Message.TrimEnd('.')}.", null, error);
        }
    }
}
