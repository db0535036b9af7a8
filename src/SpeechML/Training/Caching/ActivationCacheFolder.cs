namespace SpeechML.Training.Caching;

/// <summary>
/// What frozen encoders made of clips, in a folder that outlives the run: one file per batch, named by its key. A file
/// is read only if its checksum, its key and its sizes are right; any other is
/// computed anew and replaced. When the folder is full, the files go that were not used for longest.
/// </summary>
internal sealed class ActivationCacheFolder
{
    public const string Extension = ".frozen";
    private const string TemporaryExtension = ".tmp";

    /// <summary>Other processes may write as well: after so many own writes the folder is measured anew.</summary>
    private const int WritesPerMeasure = 64;

    /// <summary>What a process that was killed left half written, once no process can still be writing it.</summary>
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly long _limit;
    private readonly ActivationCacheFormat _format;
    private long _taken;
    private int _writesUntilMeasure;

    /// <param name="folder">Made where it is absent.</param>
    /// <param name="limit">Bytes that the files may take together.</param>
    /// <param name="precision">How values are stored.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public ActivationCacheFolder(string folder, long limit, CachePrecision precision)
    {
        DirectoryInfo made = Directory.CreateDirectory(folder);
        _folder = made.FullName;
        _limit = limit;
        _format = new ActivationCacheFormat(precision);
        Precision = precision;
        DateTime abandoned = TimeProvider.System.GetUtcNow().UtcDateTime - s_abandonedAfter;
        foreach (FileInfo file in made.EnumerateFiles("*" + TemporaryExtension)
            .Where(f => f.LastWriteTimeUtc < abandoned))
        {
            Delete(file);
        }
    }

    public CachePrecision Precision { get; }

    /// <summary>The files that the options name; <see langword="null"/> where they name no folder.</summary>
    public static ActivationCacheFolder? Open(SpeechEncodingOptions options) =>
        options.CacheFolder.Length == 0 ? null
            : new ActivationCacheFolder(
                options.CacheFolder, options.CacheFolderLimit * (1L << 20), options.CachePrecision);

    /// <summary>The values as they come back from a file.</summary>
    public Activation Round(Activation activation) => Precision == CachePrecision.Float16
        ? new Activation([.. activation.Values.Select(v => (float)(Half)v)], activation.Length) : activation;

    /// <summary>
    /// The batch of a key (64 hexadecimal digits); <see langword="null"/> where there is none that can be trusted.
    /// </summary>
    public Activation[]? Read(string key)
    {
        string path = PathOf(key);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }
            // Not mapped: a file that is cut while it is mapped ends the process, and one that is mapped cannot be
            // replaced on Windows.
            using FileStream stream =
                new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0,
                FileOptions.SequentialScan);
            if (_format.Read(stream, key) is { } batch)
            {
                File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
                return batch;
            }
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a batch. What does not fit, or cannot be written, is not kept.</summary>
    public void Write(string key, IReadOnlyList<Activation> batch)
    {
        string temporary = Path.Combine(_folder, $"{Guid.NewGuid():N}{TemporaryExtension}");
        try
        {
            if (!MakeRoom(_format.SizeOf(batch)))
            {
                return;
            }
            using (FileStream stream =
                new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                _format.Write(stream, key, batch);
            }
            File.Move(temporary, PathOf(key), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, or a folder that is gone, must not end a run that can do without the cache.
            Delete(new FileInfo(temporary));
        }
    }

    private string PathOf(string key) => Path.Combine(_folder, key + Extension);

    /// <summary>
    /// Deletes what was not used for longest until there is room; <see langword="false"/> where there cannot be.
    /// </summary>
    private bool MakeRoom(long bytes)
    {
        if (bytes > _limit)
        {
            return false;
        }
        lock (_gate)
        {
            if (_writesUntilMeasure-- > 0 && _taken + bytes <= _limit)
            {
                _taken += bytes;
                return true;
            }
            FileInfo[] files = [.. new DirectoryInfo(_folder).EnumerateFiles("*" + Extension)
                .OrderBy(f => f.LastWriteTimeUtc)];
            _taken = files.Sum(f => f.Length);
            _writesUntilMeasure = WritesPerMeasure;
            foreach (FileInfo file in files.TakeWhile(_ => _taken + bytes > _limit))
            {
                _taken -= file.Length;
                file.Delete();
            }
            _taken += bytes;
            return true;
        }
    }

    private static void Delete(FileInfo file)
    {
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already, or another's: it takes no more than its room.
        }
    }
}
