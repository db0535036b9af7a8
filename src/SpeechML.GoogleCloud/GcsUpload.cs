using System.Net.Http.Headers;
using System.Text.Json;
using SpeechML.Audio.Storage;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Writes one object in a resumable session (https://cloud.google.com/storage/docs/performing-resumable-uploads):
/// pieces in multiples of 256 KiB, after a cut continued where the
/// service says that it is, begun anew where it has lost the session. The generation that may be replaced is named, so
/// that no repetition writes twice, and the upload has a
/// mark of its own, so that a repetition which finds the object there knows it for its own.
/// </summary>
internal sealed class GcsUpload(GcsHttp http, GcsRetry retry, GcsObjects objects, GoogleCloudStorageOptions options)
{
    private const int MaxSessions = 8;
    private const int ResumeIncomplete = 308;

    /// <summary>Uploads.</summary>
    /// <param name="address">The object.</param>
    /// <param name="content">Seekable; from its position on.</param>
    /// <param name="generation">What may be replaced; 0 for nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StorageException">Another generation is there, or the service refuses or fails for too
    /// long.</exception>
    public async Task<StoredObject> RunAsync(
        GcsAddress address, Stream content, long generation, CancellationToken cancellation)
    {
        long start = content.Position;
        long size = content.Length - start;
        uint crc = Crc32C.Compute(content);
        var upload = new Upload(address, content, start, size, crc, generation, Guid.NewGuid().ToString("N"));
        GcsRetry.Attempts attempts = retry.Begin(address.ToString());
        for (int sessions = 0; ; sessions++)
        {
            if (sessions == MaxSessions)
            {
                throw new StorageException(
                    StorageErrorKind.Unavailable, address.ToString(),
                    $"expected an upload session that lasts, got {sessions} that the service lost. Try again later.");
            }
            if (await BeginAsync(upload, cancellation).ConfigureAwait(false) is not { } session)
            {
                return await OwnAsync(upload, cancellation).ConfigureAwait(false);
            }
            if (await SendAsync(upload, session, attempts, cancellation).ConfigureAwait(false) is { } written)
            {
                return Check(written, upload);
            }
        }
    }

    /// <summary>
    /// Begins a session; <see langword="null"/> where the object is not of the generation that may be replaced.
    /// </summary>
    private Task<Uri?> BeginAsync(Upload upload, CancellationToken cancellation)
    {
        string name = upload.Address.ToString();
        Uri target = http.Address(
            upload.Address.BucketPath,
            upload: true,
            [("uploadType", "resumable"), ("name", upload.Address.Name),
            ("ifGenerationMatch", GcsObjects.Text(upload.Generation))]);
        byte[] description = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["crc32c"] = GcsObjects.FormatCrc(upload.Crc),
            ["metadata"] = new Dictionary<string, string> { [GcsObjects.UploadField] = upload.Id },
        });
        return retry.RunAsync(
            name,
            async () =>
            {
                HttpResponseMessage response = await http.SendAsync(
                    HttpMethod.Post,
                    target,
                    name,
                    request =>
                    {
                        request.Content = new ByteArrayContent(description);
                        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                        request.Headers.Add("X-Upload-Content-Type", "application/octet-stream");
                        request.Headers.Add("X-Upload-Content-Length", GcsObjects.Text(upload.Size));
                    },
                    cancellation).ConfigureAwait(false);
                if ((int)response.StatusCode == 412)
                {
                    response.Dispose();
                    return null;
                }
                if (!response.IsSuccessStatusCode)
                {
                    throw await http.ExplainAsync(response, name, "to write an object", cancellation)
                        .ConfigureAwait(false);
                }
                using (response)
                {
                    return response.Headers.Location is { IsAbsoluteUri: true } session
                        ? session
                        : throw new StorageException(
                            StorageErrorKind.Invalid, name,
                            "expected the address of an upload session, got none. Check the option Endpoint.");
                }
            },
            cancellation);
    }

    /// <summary>Sends the pieces; <see langword="null"/> where the service has lost the session.</summary>
    private async Task<StoredObject?> SendAsync(
        Upload upload, Uri session, GcsRetry.Attempts attempts, CancellationToken cancellation)
    {
        long offset = 0;
        long most = 0;
        bool certain = true;
        byte[] piece = new byte[Math.Min(options.UploadPiece, upload.Size)];
        while (true)
        {
            try
            {
                int count = 0;
                if (certain)
                {
                    upload.Content.Position = upload.Start + offset;
                    count = upload.Content.ReadAtLeast(
                        piece.AsSpan(0, (int)Math.Min(piece.Length, upload.Size - offset)),
                        (int)Math.Min(piece.Length, upload.Size - offset));
                }
                HttpResponseMessage response =
                    await PutAsync(upload, session, certain ? offset : null, piece.AsMemory(0, count), cancellation)
                    .ConfigureAwait(false);
                int status = (int)response.StatusCode;
                if (status is 200 or 201)
                {
                    using (response)
                    {
                        using JsonDocument json =
                            await http.ReadJsonAsync(response, upload.Address.ToString(), cancellation)
                            .ConfigureAwait(false);
                        return GcsObjects.Parse(
                            upload.Address.Bucket, json.RootElement, upload.Address.ToString()).Object;
                    }
                }
                if (status is 404 or 410)
                {
                    response.Dispose();
                    return null;
                }
                if (status == 412)
                {
                    response.Dispose();
                    return await OwnAsync(upload, cancellation).ConfigureAwait(false);
                }
                if (status != ResumeIncomplete)
                {
                    throw await http.ExplainAsync(
                        response, upload.Address.ToString(), "to write an object", cancellation).ConfigureAwait(false);
                }
                using (response)
                {
                    long held = Held(response, upload);
                    bool asked = !certain;
                    (offset, certain) = (held, true);
                    if (held > most)
                    {
                        most = held;
                        attempts.Reset();
                    }
                    else if (!asked)
                    {
                        // Nothing of the piece was taken: not to be repeated without a pause.
                        throw new GcsTransientException($"none of {count} bytes taken");
                    }
                }
            }
            catch (GcsTransientException failure)
            {
                certain = false; // how much arrived, only the service knows
                await attempts.WaitAsync(failure, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a piece, or asks how far the upload is.</summary>
    private Task<HttpResponseMessage> PutAsync(
        Upload upload, Uri session, long? offset, ReadOnlyMemory<byte> piece, CancellationToken cancellation) =>
        http.SendAsync(
            HttpMethod.Put,
            session,
            upload.Address.ToString(),
            request =>
            {
                request.Content = new ReadOnlyMemoryContent(piece);
                request.Content.Headers.ContentRange = offset is { } from && piece.Length > 0
                    ? new ContentRangeHeaderValue(from, from + piece.Length - 1, upload.Size)
                    : new ContentRangeHeaderValue(upload.Size); // bytes */size: an empty object, or the question
            },
            cancellation);

    /// <summary>How many bytes the service holds: <c>Range: bytes=0-262143</c>, or no such header for none.</summary>
    private static long Held(HttpResponseMessage response, Upload upload)
    {
        string? range = response.Headers.NonValidated.TryGetValues("Range", out HeaderStringValues values)
            ? values.First() : null;
        if (range is null)
        {
            return 0;
        }
        return RangeHeaderValue.TryParse(range, out RangeHeaderValue? parsed)
            && parsed.Ranges.Single() is { From: 0, To: { } last } && last < upload.Size
            ? last + 1
            : throw new StorageException(
                StorageErrorKind.Invalid, upload.Address.ToString(),
                $"expected a range from byte 0 to at most {upload.Size - 1} of what the service holds, got " +
                $"'{range}'. Check the option Endpoint.");
    }

    /// <summary>
    /// The object, where an attempt whose answer was lost has written it; else the error that another one is there.
    /// </summary>
    private async Task<StoredObject> OwnAsync(Upload upload, CancellationToken cancellation)
    {
        GcsObject? there = await objects.FindAsync(upload.Address, null, cancellation).ConfigureAwait(false);
        if (there is not null && there.UploadId == upload.Id)
        {
            return Check(there.Object, upload);
        }
        string expected = upload.Generation == 0 ? "no object there" : $"generation {upload.Generation}";
        string advice = upload.Generation == 0 ? "Choose another name, or overwrite it explicitly."
            : "Another program writes to it: read it again before it is replaced.";
        throw new StorageException(
            StorageErrorKind.Conflict, upload.Address.ToString(),
            $"expected {expected}, got " +
            $"{(there is null ? "none" : $"generation {there.Object.Generation} of {there.Object.Size} bytes")}. " +
            $"{advice}");
    }

    private static StoredObject Check(StoredObject written, Upload upload) =>
        written.Size == upload.Size && (written.Crc32C ?? upload.Crc) == upload.Crc
            ? written
            : throw new StorageException(
                StorageErrorKind.Corrupt,
                upload.Address.ToString(),
                $"expected {upload.Size} bytes with CRC-32C {upload.Crc:x8} written, got {written.Size} with " +
                $"{written.Crc32C:x8} (generation {written.Generation}). Delete it and write it again.");

    private sealed record Upload(
        GcsAddress Address, Stream Content, long Start, long Size, uint Crc, long Generation, string Id);
}
