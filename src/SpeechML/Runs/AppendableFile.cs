namespace SpeechML.Runs;

/// <summary>
/// A file that grows while a run lasts, on a disk or in a store. Objects cannot be appended to: what is written goes to
/// a temporary file here, and a flush writes the object
/// anew, in place of the version that this file wrote or found before and of no other.
/// </summary>
internal sealed class AppendableFile : IDisposable
{
    private readonly string _path;
    private readonly bool _remote;
    private readonly FileStream _content;
    private long _generation;
    private long _stored;
    private bool _failed;

    private AppendableFile(string path, bool remote, FileStream content)
    {
        _path = path;
        _remote = remote;
        _content = content;
    }

    /// <summary>Where to write, at its end.</summary>
    public Stream Content => _content;

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
            new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read));
    }

    /// <summary>
    /// Goes on with a file of whole lines, where there is one: a last line that was broken off is taken away, so that
    /// it does not run into the next.
    /// </summary>
    public static AppendableFile ContinueLines(string path)
    {
        var file = StoragePath.IsRemote(path) ? new AppendableFile(path, true, Temporary())
            : new AppendableFile(path, false,
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        if (file._remote && ObjectStores.For(path) is var store && store.Find(path) is { } there)
        {
            using Stream before = File.OpenRead(store.Fetch(path, there));
            before.CopyTo(file._content);
            file._generation = there.Generation;
            file._stored = file._content.Length;
        }
        file.EndBrokenLine();
        return file;
    }

    /// <summary>Hands over what was written: to the system, to the disk, or to the store.</summary>
    /// <param name="toDisk">Whether it must outlast a power cut, where the file is on a disk.</param>
    /// <exception cref="IOException">The disk or the store failed; or another run writes to the object.</exception>
    public void Flush(bool toDisk = false)
    {
        _content.Flush(flushToDisk: toDisk && !_remote);
        if (!_remote || _content.Length == _stored)
        {
            return;
        }
        _failed = true;
        _content.Position = 0;
        _generation = ObjectStores.For(_path)
            .Write(_path, _content, WriteCondition.IfGeneration(_generation)).Generation;
        _content.Seek(0, SeekOrigin.End);
        _stored = _content.Length;
        _failed = false;
    }

    /// <summary>Flushes once more, unless that has failed already.</summary>
    public void Dispose()
    {
        try
        {
            if (!_failed)
            {
                Flush();
            }
        }
        finally
        {
            _content.Dispose();
        }
    }

    private static FileStream Temporary() =>
        new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, 1 << 12, FileOptions.DeleteOnClose);

    private void EndBrokenLine()
    {
        long end = _content.Length;
        for (; end > 0; end--)
        {
            _content.Seek(end - 1, SeekOrigin.Begin);
            if (_content.ReadByte() == '\n')
            {
                break;
            }
        }
        _content.SetLength(end);
        _content.Seek(0, SeekOrigin.End);
    }
}
