using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SpeechML.GoogleCloud;

/// <summary>An object with what only this client writes and reads.</summary>
/// <param name="Object">The object.</param>
/// <param name="UploadId">The upload that made it, where it was one of this client's.</param>
internal sealed record GcsObject(StoredObject Object, string? UploadId);

/// <summary>What is asked about objects: what there is, what is known of one, and that it go.</summary>
internal sealed class GcsObjects(GcsHttp http, GcsRetry retry)
{
    /// <summary>The field of an object's own metadata that holds <see cref="GcsObject.UploadId"/>.</summary>
    public const string UploadField = "speechml-upload";

    private const string Fields = "name,size,generation,crc32c,metadata";

    /// <summary>What is known of an object; <see langword="null"/> where there is none.</summary>
    public Task<GcsObject?> FindAsync(GcsAddress address, long? generation, CancellationToken cancellation)
    {
        string name = address.ToString();
        return retry.RunAsync<GcsObject?>(
            name,
            async () =>
            {
                Uri target = http.Address(
                    address.ObjectPath, query: [("generation", Text(generation)), ("fields", Fields)]);
                HttpResponseMessage response = await http.SendAsync(HttpMethod.Get, target, name, null, cancellation)
                    .ConfigureAwait(false);
                if (!response.IsSuccessStatusCode)
                {
                    StorageException error =
                        await http.ExplainAsync(response, name, "to look for an object", cancellation)
                        .ConfigureAwait(false);
                    return IsMissingObject(error) ? null : throw error;
                }
                using (response)
                {
                    using JsonDocument json = await http.ReadJsonAsync(response, name, cancellation)
                        .ConfigureAwait(false);
                    return Parse(address.Bucket, json.RootElement, name);
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
            (List<StoredObject> page, token) =
                await retry.RunAsync(name, () => ReadPageAsync(prefix, asked, name, cancellation), cancellation)
                .ConfigureAwait(false);
            foreach (StoredObject item in page)
            {
                yield return item;
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
        Uri target = http.Address(address.ObjectPath, query: [("ifGenerationMatch", Text(generation))]);
        GcsRetry.Attempts attempts = retry.Begin(name);
        while (true)
        {
            try
            {
                HttpResponseMessage response = await http.SendAsync(HttpMethod.Delete, target, name, null, cancellation)
                    .ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    response.Dispose();
                    return true;
                }
                StorageException error =
                    await http.ExplainAsync(response, name, $"generation {generation} to delete", cancellation)
                    .ConfigureAwait(false);
                return IsMissingObject(error) ? wasThere || attempts.Failures > 0 : throw error;
            }
            catch (GcsTransientException failure)
            {
                await attempts.WaitAsync(failure, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads an object's description.</summary>
    public static GcsObject Parse(string bucket, JsonElement json, string address)
    {
        try
        {
            uint? crc = json.TryGetProperty("crc32c", out JsonElement hash) ? ParseCrc(hash.GetString()!) : null;
            string? upload = json.TryGetProperty("metadata", out JsonElement own)
                && own.ValueKind == JsonValueKind.Object && own.TryGetProperty(UploadField, out JsonElement id)
                ? id.GetString() : null;
            return new GcsObject(
                new StoredObject(new GcsAddress(bucket, json.GetProperty("name").GetString()!).ToString(),
                Number(json.GetProperty("size")), Number(json.GetProperty("generation")), crc), upload);
        }
        catch (Exception e) when (
            e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
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

    public static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    /// <summary>The service answers 404 for a missing bucket too, which no write or later look can mend.</summary>
    private static bool IsMissingObject(StorageException error) =>
        error.Kind == StorageErrorKind.NotFound
            && !error.Message.Contains("bucket does not exist", StringComparison.OrdinalIgnoreCase);

    private async Task<(List<StoredObject> Page, string? Next)> ReadPageAsync(
        GcsAddress prefix, string? token, string name, CancellationToken cancellation)
    {
        Uri target = http.Address(
            prefix.BucketPath,
            query: [("prefix", prefix.Name.Length == 0 ? null : prefix.Name), ("pageToken", token),
            ("fields", "items(name,size,generation,crc32c),nextPageToken")]);
        HttpResponseMessage response = await http.SendAsync(HttpMethod.Get, target, name, null, cancellation)
            .ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await http.ExplainAsync(response, name, "a list of objects", cancellation).ConfigureAwait(false);
        }
        using (response)
        {
            using JsonDocument json = await http.ReadJsonAsync(response, name, cancellation).ConfigureAwait(false);
            var page = new List<StoredObject>();
            if (json.RootElement.TryGetProperty("items", out JsonElement items))
            {
                page.AddRange(items.EnumerateArray().Select(i => Parse(prefix.Bucket, i, name).Object));
            }
            return (page, json.RootElement.TryGetProperty("nextPageToken", out JsonElement next) ? next.GetString()
                : null);
        }
    }

    // Numbers of 64 bits are texts in the JSON API.
    private static long Number(JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? long.Parse(json.GetString()!, CultureInfo.InvariantCulture)
        : json.GetInt64();
}
