using System.IO.Compression;
using SpeechML.Audio.Storage;

namespace SpeechML.GoogleCloud;

/// <summary>Google Cloud Storage over its JSON API.</summary>
internal sealed class GcsStore : IObjectStore, IKeepsCopies, IDisposable
{
    private readonly GcsClient _client;
    private readonly GcsCache _cache;
    private readonly GcsObjects _objects;
    private readonly GcsDownload _download;
    private readonly GcsUpload _upload;

    public GcsStore(GoogleCloudStorageOptions options)
    {
        options = options with { };
        options.Validate();
        ParallelReads = options.ParallelReads;
        _client = new GcsClient(options);
        _cache = new GcsCache(options);
        var retry = new GcsRetry(options);
        _objects = new GcsObjects(_client, retry);
        _download = new GcsDownload(_client, retry, _objects);
        _upload = new GcsUpload(_client, retry, _objects, options);
    }

    public int ParallelReads { get; }

    public IEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken = default) =>
        _objects.ListAsync(GcsAddress.ParsePrefix(prefix), cancellationToken).ToBlockingEnumerable(cancellationToken);

    public StoredObject? Find(string address, CancellationToken cancellationToken = default) =>
        Wait(_objects.FindAsync(GcsAddress.Parse(address), null, cancellationToken))?.Object;

    public string Fetch(string address, StoredObject? known = null, CancellationToken cancellationToken = default) =>
        Wait(FetchAsync(address, known, cancellationToken));

    public async Task<string> FetchAsync(
        string address, StoredObject? known = null, CancellationToken cancellationToken = default)
    {
        GcsAddress parsed = GcsAddress.Parse(address);
        return (known is null ? null : _cache.Find(parsed, known.Generation, known.Crc32C))
            ?? await FetchAsync(parsed, known, cancellationToken).ConfigureAwait(false);
    }

    public bool HasCopy(string address) => _cache.HasAny(GcsAddress.Parse(address));

    public void Download(string address, string file, CancellationToken cancellationToken = default) =>
        Wait(DownloadAsync(GcsAddress.Parse(address), Path.GetFullPath(file), cancellationToken));

    public byte[] ReadRange(string address, long offset, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count == 0 ? [] : Wait(
            _download.ReadRangeAsync(GcsAddress.Parse(address), offset, count, cancellationToken));
    }

    public StoredObject Write(
        string address, Stream content, WriteCondition condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        GcsAddress parsed = GcsAddress.Parse(address);
        if (content.CanSeek)
        {
            return Wait(WriteAsync(parsed, content, condition, cancellationToken));
        }
        // What breaks off is sent again, so it must be there to be read again.
        using var copy = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        content.CopyTo(copy);
        copy.Position = 0;
        return Wait(WriteAsync(parsed, copy, condition, cancellationToken));
    }

    public bool Delete(string address, long? generation = null, CancellationToken cancellationToken = default) =>
        Wait(DeleteAsync(GcsAddress.Parse(address), generation, cancellationToken));

    public void Dispose() => _client.Dispose();

    private async Task<string> FetchAsync(GcsAddress address, StoredObject? told, CancellationToken cancellation)
    {
        using GcsCache.Held held = await _cache.LockAsync(address, cancellation).ConfigureAwait(false);
        if (told is not null && _cache.Find(address, told.Generation, told.Crc32C, held.Waited) is { } there)
        {
            return there;
        }
        long? known = told?.Generation;
        long? kept = known is null ? _cache.Newest(address) : null;
        if (known is null && kept is null && _cache.HasPart(address))
        {
            // To continue it, the generation must be known before the first byte.
            known = (await _objects.FindAsync(address, null, cancellation).ConfigureAwait(false))?.Object.Generation;
        }
        var brought = await _download.RunAsync(
            address, known, kept, generation => _cache.OpenPart(address, generation), cancellation)
            .ConfigureAwait(false);
        if (brought is not { } new_)
        {
            return _cache.Find(address, kept!.Value)
                ?? throw new StorageException(
                StorageErrorKind.Invalid, address.ToString(),
                "expected the copy in the cache to stay while it is used, got none any more. Let one program at a " +
                "time clear the cache.");
        }
        return new_.Facts.IsGzip
            ? _cache.Publish(address, new_.Facts.Generation, Unpack(new_.Path, new_.Path + ".unpacked", address), null)
            : _cache.Publish(address, new_.Facts.Generation, new_.Path, new_.Facts.Crc32C);
    }

    private async Task<bool> DownloadAsync(GcsAddress address, string file, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string temporary = $"{file}.{Path.GetRandomFileName()}.tmp";
        try
        {
            var brought = await _download.RunAsync(
                address, null, null, _ =>
                new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16), cancellation)
                .ConfigureAwait(false);
            File.Move(brought!.Value.Facts.IsGzip ? Unpack(temporary, temporary + ".unpacked", address) : temporary,
                file, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<StoredObject> WriteAsync(
        GcsAddress address, Stream content, WriteCondition condition, CancellationToken cancellation)
    {
        long generation = condition.Overwrites
            ? (await _objects.FindAsync(address, null, cancellation).ConfigureAwait(false))?.Object.Generation ?? 0
            : condition.Generation;
        return await _upload.RunAsync(address, content, generation, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> DeleteAsync(GcsAddress address, long? generation, CancellationToken cancellation)
    {
        long? there = generation
            ?? (await _objects.FindAsync(address, null, cancellation).ConfigureAwait(false))?.Object.Generation;
        return there is { } version
            && await _objects.DeleteAsync(address, version, wasThere: generation is null, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>An object stored with <c>Content-Encoding: gzip</c> means what is in it.</summary>
    private static string Unpack(string packed, string unpacked, GcsAddress address)
    {
        try
        {
            using (var source = new GZipStream(
                new FileStream(packed, FileMode.Open, FileAccess.Read), CompressionMode.Decompress))
            using (var target = new FileStream(unpacked, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                source.CopyTo(target);
                target.Flush(flushToDisk: true);
            }
            File.Delete(packed);
            return unpacked;
        }
        catch (InvalidDataException e)
        {
            File.Delete(unpacked);
            throw new StorageException(
                StorageErrorKind.Corrupt, address.ToString(),
                $"expected gzip, as its Content-Encoding says, got something else: {e.Message} Correct the object's " +
                $"metadata.", e);
        }
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
