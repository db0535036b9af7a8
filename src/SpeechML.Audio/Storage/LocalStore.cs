namespace SpeechML;

/// <summary>The disks of this machine: addresses are paths, or <c>file://</c> addresses.</summary>
public sealed class LocalStore : IObjectStore
{
    private const string Scheme = "file://";

    /// <summary>The one that <see cref="ObjectStores"/> gives for paths.</summary>
    public static LocalStore Instance { get; } = new();

    /// <inheritdoc/>
    public int ParallelReads => 1;

    /// <inheritdoc/>
    public IEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken = default)
    {
        string path = PathOf(prefix);
        string folder = Path.EndsInDirectorySeparator(path) ? path
            : Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        if (!Directory.Exists(folder))
        {
            yield break;
        }
        string begin = Path.GetFullPath(path);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetFullPath(f).StartsWith(begin, StringComparison.Ordinal))
            .OrderBy(f => f.Replace('\\', '/'), StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Describe(file);
        }
    }

    /// <inheritdoc/>
    public StoredObject? Find(string address, CancellationToken cancellationToken = default) =>
        File.Exists(PathOf(address)) ? Describe(PathOf(address)) : null;

    /// <inheritdoc/>
    public string Fetch(string address, StoredObject? known = null, CancellationToken cancellationToken = default) =>
        Existing(address);

    /// <inheritdoc/>
    public void Download(string address, string file, CancellationToken cancellationToken = default)
    {
        using FileStream content = Open(address);
        Replace(file, content, overwrite: true);
    }

    /// <inheritdoc/>
    public byte[] ReadRange(string address, long offset, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using FileStream stream = Open(address);
        byte[] bytes = new byte[Math.Clamp(stream.Length - offset, 0, count)];
        stream.Position = Math.Min(offset, stream.Length);
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public StoredObject Write(
        string address, Stream content, WriteCondition condition, CancellationToken cancellationToken = default)
    {
        string path = PathOf(address);
        if (!condition.Overwrites && condition.Generation != 0)
        {
            CheckGeneration(address, path, condition.Generation);
        }
        Replace(path, content, condition.Overwrites || condition.Generation != 0);
        return Describe(path);
    }

    /// <inheritdoc/>
    public bool Delete(string address, long? generation = null, CancellationToken cancellationToken = default)
    {
        string path = PathOf(address);
        if (!File.Exists(path))
        {
            return false;
        }
        if (generation is { } expected)
        {
            CheckGeneration(address, path, expected);
        }
        File.Delete(path);
        return true;
    }

    private static string PathOf(string address)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        return address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? new Uri(address).LocalPath : address;
    }

    private static FileStream Open(string address) =>
        new(Existing(address), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    private static string Existing(string address)
    {
        string path = PathOf(address);
        return File.Exists(path) ? path
            : throw new StorageException(
            StorageErrorKind.NotFound, address,
            Directory.Exists(path) ? "expected a file, got a folder." : "expected a file, got none of this name.");
    }

    private static StoredObject Describe(string path)
    {
        var file = new FileInfo(path);
        return new StoredObject(path, file.Length, file.LastWriteTimeUtc.Ticks, null);
    }

    private static void CheckGeneration(string address, string path, long expected)
    {
        long got = File.Exists(path) ? Describe(path).Generation : 0;
        if (got != expected)
        {
            throw new StorageException(
                StorageErrorKind.Conflict, address,
                $"expected the file as it was (generation {expected}), got " +
                $"{(got == 0 ? "none" : $"another (generation {got})")}. Read it again before it is replaced.");
        }
    }

    /// <summary>Under a name of its own first, flushed, then renamed.</summary>
    private static void Replace(string path, Stream content, bool overwrite)
    {
        if (!overwrite && File.Exists(path))
        {
            throw Exists(path, null);
        }
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = $"{full}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                content.CopyTo(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite);
        }
        catch (IOException e) when (!overwrite && File.Exists(full))
        {
            throw Exists(path, e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static StorageException Exists(string path, Exception? cause) =>
        new(StorageErrorKind.Conflict, path,
            "expected nothing of this name, got a file. Choose another name, or overwrite it explicitly.", cause);
}
