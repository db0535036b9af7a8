using Google.Apis.Upload;
using Google.Cloud.Storage.V1;
using SpeechML.Audio.Storage;
using Object = Google.Apis.Storage.v1.Data.Object;
using Uploader = Google.Apis.Storage.v1.ObjectsResource.InsertMediaUpload;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Writes one object in a resumable session of Google's uploader
/// (https://cloud.google.com/storage/docs/performing-resumable-uploads): after a cut continued where the service says
/// that it is, begun anew where it has lost the session. The generation that may be replaced is named, so that no
/// repetition writes twice, and the upload has a mark of its own, so that a repetition which finds the object there
/// knows it for its own.
/// </summary>
internal sealed class GcsUpload(
    GcsClient client, GcsRetry retry, GcsObjects objects, GoogleCloudStorageOptions options)
{
    private const int MaxSessions = 8;
    private const string Expected = "to write an object";

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
        var upload = new Upload(address, new GcsSource(content, start), size, crc, generation,
            Guid.NewGuid().ToString("N"));
        GcsRetry.Attempts attempts = retry.Begin(address.ToString());
        for (int sessions = 0; sessions < MaxSessions; sessions++)
        {
            if (await SendAsync(upload, attempts, cancellation).ConfigureAwait(false) is { } written)
            {
                return Check(written, upload);
            }
        }
        throw new StorageException(
            StorageErrorKind.Unavailable, address.ToString(),
            $"expected an upload session that lasts, got {MaxSessions} that the service lost. Try again later.");
    }

    /// <summary>One session; <see langword="null"/> where the service has lost it.</summary>
    private async Task<StoredObject?> SendAsync(
        Upload upload, GcsRetry.Attempts attempts, CancellationToken cancellation)
    {
        string name = upload.Address.ToString();
        Uploader? uploader = null;
        bool begun = false;
        long most = 0;
        while (true)
        {
            try
            {
                Object? written = await client.CallAsync(
                    name,
                    Expected,
                    async c =>
                    {
                        if (uploader is null)
                        {
                            uploader = Create(c, upload);
                            uploader.UploadSessionData += _ => begun = true;
                        }
                        IUploadProgress progress = await uploader.ResumeAsync(cancellation).ConfigureAwait(false);
                        if (progress.BytesSent > most)
                        {
                            most = progress.BytesSent;
                            attempts.Reset();
                        }
                        return progress.Exception is { } error ? throw error : uploader.ResponseBody;
                    },
                    cancellation).ConfigureAwait(false);
                return GcsObjects.Parse(
                    upload.Address.Bucket, written ?? throw client.Unreadable(null), name).Object;
            }
            catch (GcsTransientException failure)
            {
                // How much arrived, only the service knows: the next attempt asks it.
                await attempts.WaitAsync(failure, cancellation).ConfigureAwait(false);
            }
            catch (GcsStatusException status)
            {
                return status.Status switch
                {
                    412 => await OwnAsync(upload, cancellation).ConfigureAwait(false),
                    404 or 410 when begun => null,
                    _ => throw status.Error,
                };
            }
        }
    }

    private Uploader Create(StorageClient c, Upload upload)
    {
        var described = new Object
        {
            Bucket = upload.Address.Bucket,
            Name = upload.Address.Name,
            ContentType = "application/octet-stream",
            Crc32c = GcsObjects.FormatCrc(upload.Crc),
            Metadata = new Dictionary<string, string> { [GcsObjects.UploadField] = upload.Id },
        };
        Uploader uploader = c.CreateObjectUploader(described, upload.Content, new UploadObjectOptions
        {
            ChunkSize = options.UploadPiece,
            IfGenerationMatch = upload.Generation,
            UploadValidationMode = UploadValidationMode.None, // the service compares the checksum that it is told
        });
        long before = -1;
        uploader.ProgressChanged += progress =>
        {
            if (progress.Status != UploadStatus.Uploading)
            {
                before = -1;
            }
            else if (progress.BytesSent == before || progress.BytesSent == 0)
            {
                // Nothing of the piece was taken: not to be repeated without a pause.
                throw new GcsTransientException("none of a piece taken");
            }
            else
            {
                before = progress.BytesSent;
            }
        };
        return uploader;
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
        GcsAddress Address, GcsSource Content, long Size, uint Crc, long Generation, string Id);
}
