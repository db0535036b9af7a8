using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SpeechML.Audio.Storage;

namespace SpeechML.GoogleCloud;

/// <summary>
/// Downloads on this machine: <c>bucket/xy/hash of the name-generation-checksum-end of the name</c>, in 256 folders
/// <c>xy</c> by hash: making a folder for each file takes longer
/// than bringing a small one. A file is there once it is whole and verified, and each process verifies
/// it again before it first uses it: so nothing need be forced to the disk, which for many small files takes longer
/// than to bring them. What is under way is
/// <c>hash-generation.part</c>, which the next attempt, or the next process, continues.
/// </summary>
internal sealed class GcsCache(GoogleCloudStorageOptions options)
{
    private const string PartExtension = ".part";
    private const int LongestFileName = 40; // four bytes each at most, behind some sixty others

    // A path that was given out must still be there when it is opened.
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);

    private readonly string _root = options.CacheFolder
        ?? Path.Combine(Environment.GetFolderPath(
        Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "speechml", "gs");
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _verified = new(StringComparer.Ordinal);
    private readonly Lock _evicting = new();
    private long _added = long.MaxValue; // bytes since the folder was last measured

    /// <summary>The file of a generation, where it is kept and still is what it was; marked as used.</summary>
    /// <param name="address">The object.</param>
    /// <param name="generation">The version.</param>
    /// <param name="crc">Its checksum, where that is known: the file's whole name then is, and no folder is read,
    /// unless it is of an object that was unpacked.</param>
    /// <param name="reads">Whether the folder is then read; a second look need not.</param>
    public string? Find(GcsAddress address, long generation, uint? crc = null, bool reads = true)
    {
        string? path = crc is { } known && PathOf(address, generation, Text(known)) is var named && File.Exists(named)
            ? named
            : crc is not null && !reads ? null
            : Files(address, $"{generation.ToString(CultureInfo.InvariantCulture)}-*").FirstOrDefault();
        if (path is null)
        {
            return null;
        }
        if (!_verified.ContainsKey(path))
        {
            using FileStream file = File.OpenRead(path);
            if (Checksum(file) != PartsOf(path)[2])
            {
                file.Dispose();
                File.Delete(path);
                return null;
            }
            _verified[path] = 0;
        }
        Touch(path);
        return path;
    }

    /// <summary>The newest generation that is kept.</summary>
    public long? Newest(GcsAddress address)
    {
        long newest = Files(address, "*-*-*")
            .Select(f => long.TryParse(PartsOf(f)[1], NumberStyles.None, CultureInfo.InvariantCulture, out long g) ? g
                : -1)
            .DefaultIfEmpty(-1).Max();
        return newest < 0 || Find(address, newest) is null ? null : newest;
    }

    /// <summary>Whether there is a file of an object, whole or in part.</summary>
    public bool HasAny(GcsAddress address) => Files(address, "*").Any();

    /// <summary>Whether an earlier download was broken off.</summary>
    public bool HasPart(GcsAddress address) => Files(address, "*" + PartExtension).Any();

    /// <summary>One download of an object at a time in this process.</summary>
    public async Task<Held> LockAsync(GcsAddress address, CancellationToken cancellation)
    {
        SemaphoreSlim place = _locks.GetOrAdd(Stem(address), _ => new SemaphoreSlim(1));
        bool waits = !place.Wait(TimeSpan.Zero, cancellation);
        if (waits)
        {
            await place.WaitAsync(cancellation).ConfigureAwait(false);
        }
        return new Held(place, waits);
    }

    /// <summary>
    /// Opens what is there of a generation, without a buffer: what is written comes in large pieces already. Where
    /// another process is at it, a file of this one's own.
    /// </summary>
    public FileStream OpenPart(GcsAddress address, long generation)
    {
        string name = $"{Stem(address)}-{generation.ToString(CultureInfo.InvariantCulture)}";
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        try
        {
            return new FileStream(name + PartExtension, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None,
                bufferSize: 0);
        }
        catch (IOException) when (File.Exists(name + PartExtension))
        {
            return new FileStream($"{name}.{Path.GetRandomFileName()}{PartExtension}", FileMode.CreateNew,
                FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
    }

    /// <summary>Gives a verified file its place.</summary>
    /// <param name="address">The object.</param>
    /// <param name="generation">Its version.</param>
    /// <param name="part">The file.</param>
    /// <param name="crc">Its checksum, where that is known.</param>
    public string Publish(GcsAddress address, long generation, string part, uint? crc)
    {
        string checksum;
        long size;
        if (crc is { } known)
        {
            (checksum, size) = (Text(known), options.CacheLimit is null ? 0 : new FileInfo(part).Length);
        }
        else
        {
            using FileStream file = File.OpenRead(part);
            (checksum, size) = (Checksum(file), file.Length);
        }
        string path = PathOf(address, generation, checksum);
        Touch(part);
        File.Move(part, path, overwrite: true);
        _verified[path] = 0;
        Evict(size);
        return path;
    }

    private string PathOf(GcsAddress address, long generation, string checksum) =>
        FormattableString.Invariant($"{Stem(address)}-{generation}-{checksum}-{FileName(address)}");

    /// <summary>Path and beginning of the names of all files of an object.</summary>
    private string Stem(GcsAddress address)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.Name)));
        return Path.Combine(_root, address.Bucket, hash[..2], hash[2..32]);
    }

    /// <summary>The files of an object.</summary>
    private IEnumerable<string> Files(GcsAddress address, string pattern)
    {
        string stem = Stem(address), folder = Path.GetDirectoryName(stem)!;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{Path.GetFileName(stem)}-{pattern}") : [];
    }

    /// <summary>Hash, generation, checksum, name.</summary>
    private static string[] PartsOf(string path) => Path.GetFileName(path).Split('-', 4);

    private static string FileName(GcsAddress address)
    {
        string name = string.Concat(
            address.Name[(address.Name.TrimEnd('/').LastIndexOf('/') + 1)..]
            .Select(c => Array.IndexOf(Path.GetInvalidFileNameChars(), c) >= 0 || c is ':' or '\\' ? '_' : c));
        return name.Length > LongestFileName ? name[^LongestFileName..] : name is "." or ".." ? "_" : name;
    }

    private static string Checksum(Stream file) => Text(Crc32C.Compute(file));

    private static string Text(uint crc) => crc.ToString("x8", CultureInfo.InvariantCulture);

    private void Touch(string path)
    {
        if (options.CacheLimit is null)
        {
            return;
        }
        try
        {
            File.SetLastAccessTimeUtc(path, options.TimeProvider.GetUtcNow().UtcDateTime);
        }
        catch (IOException)
        {
            // Gone meanwhile, or on a disk that keeps no such time: the file is used all the same.
        }
    }

    /// <summary>Deletes what has not been used for longest until nine tenths of the limit are left.</summary>
    private void Evict(long added)
    {
        if (options.CacheLimit is not { } limit)
        {
            return;
        }
        lock (_evicting)
        {
            _added = _added == long.MaxValue ? long.MaxValue : _added + added;
            if (_added < limit / 10)
            {
                return;
            }
            DateTime graceBegins = (options.TimeProvider.GetUtcNow() - s_grace).UtcDateTime;
            List<FileInfo> files = [.. new DirectoryInfo(_root).EnumerateFiles("*", SearchOption.AllDirectories)
                .OrderBy(f => f.LastAccessTimeUtc)];
            long total = files.Sum(f => f.Length);
            if (total > limit)
            {
                foreach (FileInfo file in files.TakeWhile(_ => total > limit / 10 * 9)
                    .Where(f => f.LastAccessTimeUtc < graceBegins && f.Extension != PartExtension))
                {
                    long size = file.Length; // not to be asked of a file that is gone
                    total -= TryDelete(file) ? size : 0;
                }
            }
            _added = 0;
        }
    }

    private bool TryDelete(FileInfo file)
    {
        try
        {
            file.Delete();
            _verified.TryRemove(file.FullName, out byte _);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // in use on Windows
        }
    }

    /// <summary>One object's lock.</summary>
    internal sealed class Held(SemaphoreSlim place, bool waited) : IDisposable
    {
        /// <summary>Whether another download of the object went before: its file may be there now.</summary>
        public bool Waited { get; } = waited;

        public void Dispose() => place.Release();
    }
}
