namespace SpeechML.Runs.Appending;

/// <summary>
/// A file that grows while a run lasts, on a disk or in a store. What is written waits in memory for a flush, which
/// appends it as a whole: what cannot be written is given up, so that no half of it follows later. Objects cannot be
/// appended to: there a flush appends to a temporary file here and writes the object anew, in place of the version that
/// this file wrote or found before and of no other.
/// </summary>
internal sealed class AppendableFile : IDisposable
{
    private readonly string _path;
    private readonly bool _remote;
    private readonly FileStream _file; // not buffered
    private readonly WholeAppends _whole;
    private readonly MemoryStream _waiting = new();
    private long _generation;
    private long _stored;
    private bool _failed;

    private AppendableFile(string path, bool remote, FileStream content)
    {
        _path = path;
        _remote = remote;
        _file = content;
        _whole = new WholeAppends(content);
    }

    /// <summary>Where to write.</summary>
    public Stream Content => _waiting;

    public bool IsRemote => _remote;

    /// <summary>Bytes that wait for a flush.</summary>
    public long Waiting => _waiting.Length;

    /// <summary>Bytes in all.</summary>
    public long Length => _whole.Length + _waiting.Length;

    /// <summary>Begins a file, in a folder that is made as needed.</summary>
    /// <exception cref="IOException">There is one of that name.</exception>
    public static AppendableFile Create(string path)
    {
        if (StoragePath.IsRemote(path))
        {
            return new AppendableFile(path, true, Temporary());
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new AppendableFile(path, false,
            new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
    }

    /// <summary>
    /// Goes on with a file of whole lines, where there is one: a last line that was broken off is taken away, so that
    /// it does not run into the next.
    /// </summary>
    public static AppendableFile ContinueLines(string path)
    {
        bool remote = StoragePath.IsRemote(path);
        FileStream content = remote ? Temporary() : new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            long generation = 0, stored = 0;
            if (remote && ObjectStores.For(path) is var store && store.Find(path) is { } there)
            {
                using Stream before = File.OpenRead(store.Fetch(path, there));
                before.CopyTo(content);
                (generation, stored) = (there.Generation, content.Length);
            }
            EndBrokenLine(content);
            return new AppendableFile(path, remote, content) { _generation = generation, _stored = stored };
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Hands over what was written: to the system, to the disk, or to the store.</summary>
    /// <param name="toDisk">Whether it must outlast a power cut, where the file is on a disk.</param>
    /// <exception cref="IOException">The disk or the store failed; the file or its folder was removed; or another run
    /// writes to the object.</exception>
    public void Flush(bool toDisk = false)
    {
        byte[] piece = _waiting.ToArray();
        _waiting.SetLength(0);
        try
        {
            CheckIsThere();
            if (piece.Length > 0 || toDisk)
            {
                _whole.Append(piece, toDisk && !_remote);
            }
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw new IOException(
                $"File '{_path}' of a run could not be written. {e.Message} Make room; what it held before is whole.",
                e);
        }
        if (!_remote || _whole.Length == _stored)
        {
            return;
        }
        _failed = true;
        _file.Position = 0;
        _generation = ObjectStores.For(_path)
            .Write(_path, _file, WriteCondition.IfGeneration(_generation)).Generation;
        _stored = _whole.Length;
        _failed = false;
    }

    /// <summary>An open file can be removed without a word where the system allows it.</summary>
    /// <exception cref="DirectoryNotFoundException">It was.</exception>
    public void CheckIsThere()
    {
        if (!_remote && !File.Exists(_path))
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(_path))!;
            throw new DirectoryNotFoundException(
                $"Run folder '{folder}': expected it to stay in place while the run lasts, but " +
                $"'{Path.GetFileName(_path)}' in it was removed or renamed. What is written from now on " +
                $"would be lost.");
        }
    }

    /// <summary>Flushes once more, unless that has failed already.</summary>
    public void Dispose()
    {
        try
        {
            // An empty flush has nothing to lose: what failed was given up.
            if (!_failed && (_remote || Waiting > 0))
            {
                Flush();
            }
        }
        finally
        {
            _file.Dispose();
            _waiting.Dispose();
        }
    }

    private static FileStream Temporary() =>
        new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);

    private static void EndBrokenLine(FileStream content)
    {
        long end = content.Length;
        for (; end > 0; end--)
        {
            content.Seek(end - 1, SeekOrigin.Begin);
            if (content.ReadByte() == '\n')
            {
                break;
            }
        }
        if (end < content.Length)
        {
            content.SetLength(end);
        }
    }
}
