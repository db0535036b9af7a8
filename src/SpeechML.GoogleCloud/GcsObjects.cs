using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Google.Apis.Storage.v1;
using Google.Cloud.Storage.V1;
using Object = Google.Apis.Storage.v1.Data.Object;
using Objects = Google.Apis.Storage.v1.Data.Objects;

namespace SpeechML.GoogleCloud;

/// <summary>An object with what only this client writes and reads.</summary>
/// <param name="Object">The object.</param>
/// <param name="UploadId">The upload that made it, where it was one of this client's.</param>
internal sealed record GcsObject(StoredObject Object, string? UploadId);

/// <summary>What is asked about objects: what there is, what is known of one, and that it go.</summary>
internal sealed class GcsObjects(GcsClient client, GcsRetry retry)
{
    /// <summary>The field of an object's own metadata that holds <see cref="GcsObject.UploadId"/>.</summary>
    public const string UploadField = "speechml-upload";

    /// <summary>What is known of an object; <see langword="null"/> where there is none.</summary>
    public Task<GcsObject?> FindAsync(GcsAddress address, long? generation, CancellationToken cancellation)
    {
        string name = address.ToString();
        var options = new GetObjectOptions { Generation = generation, RetryOptions = RetryOptions.Never };
        return retry.RunAsync<GcsObject?>(
            name,
            async () =>
            {
                try
                {
                    return Parse(address.Bucket, await client.CallAsync(
                        name, "to look for an object",
                        c => c.GetObjectAsync(address.Bucket, address.Name, options, cancellation), cancellation)
                        .ConfigureAwait(false) ?? throw client.Unreadable(null), name);
                }
                catch (GcsStatusException status)
                {
                    return status.IsMissingObject ? null : throw status.Error;
                }
            },
            cancellation);
    }

    /// <summary>The objects whose names begin so, page by page.</summary>
    public async IAsyncEnumerable<StoredObject> ListAsync(
        GcsAddress prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string name = prefix.ToString();
        string? token = null;
        do
        {
            string? asked = token;
            Objects page = await retry.RunAsync(name, () => ReadPageAsync(prefix, asked, name, cancellation),
                cancellation).ConfigureAwait(false);
            token = page.NextPageToken;
            foreach (Object item in page.Items ?? [])
            {
                yield return Parse(prefix.Bucket, item, name).Object;
            }
            if (token is not null && token == asked)
            {
                throw new StorageException(
                    StorageErrorKind.Invalid, name,
                    $"expected another page token than '{asked}', got the same again: the list would never end. Try " +
                    $"again.");
            }
        }
        while (token is not null);
    }

    /// <summary>Deletes an object of a known generation; <see langword="false"/> where there is none.</summary>
    /// <param name="address">The object.</param>
    /// <param name="generation">The version.</param>
    /// <param name="wasThere">Whether it was just seen: if it is gone now, an attempt whose answer was lost may have
    /// done it (the HTTP client repeats some by itself).</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<bool> DeleteAsync(
        GcsAddress address, long generation, bool wasThere, CancellationToken cancellation)
    {
        string name = address.ToString();
        var options = new DeleteObjectOptions { IfGenerationMatch = generation, RetryOptions = RetryOptions.Never };
        GcsRetry.Attempts attempts = retry.Begin(name);
        while (true)
        {
            try
            {
                return await client.CallAsync(
                    name,
                    $"generation {generation} to delete",
                    async c =>
                    {
                        await c.DeleteObjectAsync(address.Bucket, address.Name, options, cancellation)
                            .ConfigureAwait(false);
                        return true;
                    },
                    cancellation).ConfigureAwait(false);
            }
            catch (GcsStatusException status)
            {
                return status.IsMissingObject ? wasThere || attempts.Failures > 0 : throw status.Error;
            }
            catch (GcsTransientException failure)
            {
                await attempts.WaitAsync(failure, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads an object's description. A size that is not told is 0, as some servers leave zeros out.</summary>
    public static GcsObject Parse(string bucket, Object described, string address)
    {
        try
        {
            string? upload = null;
            described.Metadata?.TryGetValue(UploadField, out upload);
            return new GcsObject(
                new StoredObject(
                    new GcsAddress(bucket, described.Name ?? throw new FormatException("No name.")).ToString(),
                    checked((long)(described.Size ?? 0)),
                    described.Generation ?? throw new FormatException("No generation."),
                    described.Crc32c is { } crc ? ParseCrc(crc) : null),
                upload);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new StorageException(
                StorageErrorKind.Invalid, address,
                $"expected an object's description with name, size and generation, got something else: {e.Message} " +
                $"Check the option Endpoint.", e);
        }
    }

    /// <summary>As the service writes it: base64 of the four bytes, the highest first.</summary>
    public static uint ParseCrc(string text)
    {
        byte[] bytes = Convert.FromBase64String(text);
        return bytes.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new FormatException($"Expected 4 bytes of CRC-32C in base64, got '{text}'.");
    }

    public static string FormatCrc(uint crc)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, crc);
        return Convert.ToBase64String(bytes);
    }

    private async Task<Objects> ReadPageAsync(
        GcsAddress prefix, string? token, string name, CancellationToken cancellation)
    {
        try
        {
            return await client.CallAsync(
                name,
                "a list of objects",
                c =>
                {
                    ObjectsResource.ListRequest request = c.Service.Objects.List(prefix.Bucket);
                    request.Prefix = prefix.Name.Length == 0 ? null : prefix.Name;
                    request.PageToken = token;
                    request.Fields = "items(name,size,generation,crc32c),nextPageToken";
                    return request.ExecuteAsync(cancellation);
                },
                cancellation).ConfigureAwait(false) ?? throw client.Unreadable(null);
        }
        catch (GcsStatusException status)
        {
            throw status.Error;
        }
    }
}
