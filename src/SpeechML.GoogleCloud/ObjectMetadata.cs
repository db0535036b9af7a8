using System.Globalization;
using System.Net.Http.Headers;

namespace SpeechML.GoogleCloud;

/// <summary>What must be true of a download when it is whole.</summary>
/// <param name="Generation">The version.</param>
/// <param name="Size">Bytes as stored.</param>
/// <param name="Crc32C">Their checksum.</param>
/// <param name="IsGzip">Whether they are to be unpacked (stored with <c>Content-Encoding: gzip</c>, as <c>gcloud
/// storage cp --gzip-local</c> does).</param>
internal sealed record ObjectMetadata(long Generation, long Size, uint Crc32C, bool IsGzip)
{
    /// <summary>Reads the headers of a media answer; <see langword="null"/> where some are missing.</summary>
    public static ObjectMetadata? Read(HttpResponseMessage response)
    {
        if (!long.TryParse(Header(response, "x-goog-generation"), NumberStyles.None, CultureInfo.InvariantCulture,
            out long generation) || Crc(response) is not { } crc)
        {
            return null;
        }
        long? size = long.TryParse(
            Header(response, "x-goog-stored-content-length"), NumberStyles.None, CultureInfo.InvariantCulture,
            out long stored)
            ? stored
            : response.Content.Headers.ContentRange?.Length
                ?? (response.StatusCode == System.Net.HttpStatusCode.OK ? response.Content.Headers.ContentLength
                : null);
        return size is { } bytes ? new ObjectMetadata(generation, bytes, crc, IsStoredAsGzip(response)) : null;
    }

    public static bool IsStoredAsGzip(HttpResponseMessage response) =>
        response.Content.Headers.ContentEncoding.Contains("gzip");

    /// <summary><c>x-goog-hash: crc32c=n03x6A==,md5=...</c>, in one header or several.</summary>
    private static uint? Crc(HttpResponseMessage response)
    {
        const string Name = "crc32c=";
        if (!response.Headers.NonValidated.TryGetValues("x-goog-hash", out HeaderStringValues values))
        {
            return null;
        }
        string? found = values.SelectMany(v => v.Split(',')).Select(v => v.Trim())
            .FirstOrDefault(v => v.StartsWith(Name, StringComparison.Ordinal));
        try
        {
            return found is null ? null : GcsObjects.ParseCrc(found[Name.Length..]);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.First() : "";
}
