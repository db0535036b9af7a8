using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SpeechML.Encoders.Hub;

/// <summary>
/// Whether a file is what its ETag says: the sha256 of a large file, the sha1 that git gives a blob of others. A server
/// with other ETags leaves the size as the only check. What was found right is noted beside the blobs
/// (<c>.verified/ETAG</c>: length and time of the last change): a cached file is hashed once, not at each start.
/// </summary>
internal static class HubVerification
{
    private const int BufferLength = 1 << 17;

    /// <summary>Whether an ETag is a hash of the content.</summary>
    public static bool IsHash(string etag) =>
        etag.Length is SHA256.HashSizeInBytes * 2 or SHA1.HashSizeInBytes * 2 && etag.All(char.IsAsciiHexDigitLower);

    /// <summary>Hashes a file; <see langword="null"/> where it is what the ETag says.</summary>
    public static async Task<(string Expected, string Got)?> CompareAsync(
        string path, string etag, CancellationToken cancellation)
    {
        if (!IsHash(etag))
        {
            return null;
        }
        bool isGit = etag.Length == SHA1.HashSizeInBytes * 2;
        using IncrementalHash hash =
            IncrementalHash.CreateHash(isGit ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1,
            useAsync: true);
        if (isGit)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        }
        byte[] buffer = new byte[BufferLength];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }
        string got = Convert.ToHexStringLower(hash.GetHashAndReset());
        return got == etag ? null : ($"{(isGit ? "git sha1" : "sha256")} {etag}", got);
    }

    /// <summary>Whether a cached file is what its ETag says; hashed where no note tells.</summary>
    /// <param name="notes">The folder of notes.</param>
    /// <param name="path">The file itself, not a link to it.</param>
    /// <param name="etag">Its ETag.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<bool> IsRightAsync(
        string notes, string path, string etag, CancellationToken cancellation)
    {
        if (!IsHash(etag))
        {
            return true;
        }
        string state = StateOf(path);
        string note = Path.Combine(notes, etag);
        if (Read(note) == state)
        {
            return true;
        }
        if (await CompareAsync(path, etag, cancellation).ConfigureAwait(false) is not null)
        {
            return false;
        }
        Write(note, state);
        return true;
    }

    /// <summary>Notes that a file was found right.</summary>
    public static void Note(string notes, string path, string etag)
    {
        if (IsHash(etag))
        {
            Write(Path.Combine(notes, etag), StateOf(path));
        }
    }

    private static string StateOf(string path)
    {
        var file = new FileInfo(path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}");
    }

    private static string? Read(string note)
    {
        try
        {
            return File.Exists(note) ? File.ReadAllText(note) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string note, string state)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(note)!);
            string temporary = $"{note}.{Path.GetRandomFileName()}.tmp";
            File.WriteAllText(temporary, state);
            File.Move(temporary, note, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be written to is hashed again the next time.
        }
    }
}
