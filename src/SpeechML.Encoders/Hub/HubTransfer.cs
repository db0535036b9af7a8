using System.Net;

namespace SpeechML.Encoders.Hub;

/// <summary>
/// Brings single files into the cache: under the blob's lock, resumed, checked by size and hash, and only then visible
/// under their name.
/// </summary>
internal sealed class HubTransfer(HubHttp http, HubRetry retry, HubCache cache)
{
    private const int BufferLength = 1 << 17;

    // Enough to count as progress: a server that sends a byte per connection must not be asked for ever.
    private const long Progress = 1 << 20;

    /// <summary>Makes sure that a snapshot has a file; <see langword="true"/> if this call added it.</summary>
    /// <exception cref="HubException">The server does not send what it announced.</exception>
    public async Task<bool> FetchAsync(
        string id, string commit, HubFile file, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        if (await cache.HasAsync(id, commit, file, cancellation).ConfigureAwait(false))
        {
            return false;
        }
        using IDisposable held = await cache.LockAsync(id, file.Etag, cancellation).ConfigureAwait(false);
        // Another process may have brought it meanwhile.
        if (await cache.HasAsync(id, commit, file, cancellation).ConfigureAwait(false))
        {
            return false;
        }
        string blob = cache.BlobPath(id, file.Etag);
        if (!File.Exists(blob) || new FileInfo(blob).Length != file.Size
            || !await cache.IsRightAsync(id, blob, file.Etag, cancellation).ConfigureAwait(false))
        {
            await DownloadAsync(blob, file, new HubRequest(id, commit, file.Name), progress, cancellation)
                .ConfigureAwait(false);
            cache.NoteRight(id, file.Etag);
        }
        cache.Link(id, commit, file.Name, file.Etag);
        return true;
    }

    private async Task DownloadAsync(
        string blob, HubFile file, HubRequest request, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        string part = blob + ".incomplete";
        for (bool again = false; ; again = true)
        {
            await ReceiveAllAsync(part, file, request, progress, cancellation).ConfigureAwait(false);
            (string Expected, string Got)? mismatch =
                await HubVerification.CompareAsync(part, file.Etag, cancellation).ConfigureAwait(false);
            if (mismatch is null)
            {
                File.Move(part, blob, overwrite: true);
                return;
            }
            // The part that was resumed may have been damaged: once more from the start.
            File.Delete(part);
            if (again)
            {
                throw new HubException(
                    $"{request}: expected {mismatch.Value.Expected}, got {mismatch.Value.Got}, twice; the download " +
                    $"is damaged on the way and was deleted.");
            }
        }
    }

    private async Task ReceiveAllAsync(
        string part, HubFile file, HubRequest request, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        using var stream = new FileStream(
            part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1, useAsync: true);
        if (stream.Length > file.Size)
        {
            stream.SetLength(0);
        }
        int failures = 0;
        while (stream.Length < file.Size)
        {
            long before = stream.Length;
            try
            {
                await ReceiveAsync(stream, file, request, progress, cancellation).ConfigureAwait(false);
            }
            catch (HubTransientException failure)
            {
                failures = stream.Length - before >= Progress ? 1 : failures + 1;
                var kept = new HubTransientException(
                    $"{failure.Message} {stream.Length} of {file.Size} bytes of '{file.Name}' are there and are kept " +
                    $"for the next attempt.", failure.StatusCode, failure.RetryAfter, failure)
                {
                    MaxRetries = failure.MaxRetries,
                };
                await retry.WaitAsync(kept, failures, int.MaxValue, cancellation).ConfigureAwait(false);
            }
        }
        stream.Flush(flushToDisk: true);
        progress?.Report(new HubProgress(file.Name, file.Size, file.Size));
    }

    private async Task ReceiveAsync(
        FileStream stream, HubFile file, HubRequest request, IProgress<HubProgress>? progress,
        CancellationToken cancellation)
    {
        stream.Position = stream.Length;
        using HttpResponseMessage response =
            await http.SendAsync(HttpMethod.Get, file.Address, request, stream.Length, leaveHub: true, cancellation)
            .ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From != stream.Length)
        {
            throw new HubTransientException(
                $"{request}: expected bytes from {stream.Length} on, got '{response.Content.Headers.ContentRange}'.",
                response.StatusCode);
        }
        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            // The server ignores or refuses the range: from the start.
            stream.SetLength(0);
        }
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new HubTransientException(
                $"{request}: the server does not continue the download.", response.StatusCode);
        }
        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        byte[] buffer = new byte[BufferLength];
        long reported = stream.Length;
        while (true)
        {
            int read = await http.GuardAsync(request.ToString(),
                async token => await body.ReadAsync(buffer, token).ConfigureAwait(false), cancellation)
                .ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }
            if (stream.Length + read > file.Size)
            {
                stream.SetLength(0);
                throw new HubException($"{request}: expected {file.Size} bytes, got more.");
            }
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            if (stream.Length - reported >= Progress)
            {
                reported = stream.Length;
                progress?.Report(new HubProgress(file.Name, stream.Length, file.Size));
            }
        }
        if (stream.Length < file.Size)
        {
            throw new HubTransientException($"{request}: the answer ended early.");
        }
    }
}
