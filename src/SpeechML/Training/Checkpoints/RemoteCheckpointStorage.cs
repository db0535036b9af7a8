namespace SpeechML.Training.Checkpoints;

/// <summary>
/// A folder of a store. Whether the run that holds it still lives cannot be seen from here, so a new run takes it over,
/// and the one before notices before it writes again: the
/// lock is an object, and whose generation it has, has the folder.
/// </summary>
internal sealed class RemoteCheckpointStorage : CheckpointStorage
{
    private readonly string _folder;
    private readonly IObjectStore _store;
    private readonly string _lock;
    private readonly StoredObject _taken;
    private readonly string _copies = Path.Combine(Path.GetTempPath(), $"speechml-checkpoints-{Guid.NewGuid():N}");

    public RemoteCheckpointStorage(string folder)
    {
        _folder = folder.TrimEnd('/');
        _store = ObjectStores.For(folder);
        _lock = StoragePath.Combine(_folder, LockName);
        byte[] owner = System.Text.Encoding.UTF8.GetBytes(
            FormattableString.Invariant($"{Environment.MachineName}, process {Environment.ProcessId}\n"));
        _taken = _store.Write(_lock, new MemoryStream(owner),
            WriteCondition.IfGeneration(_store.Find(_lock)?.Generation ?? 0));
        Directory.CreateDirectory(_copies);
    }

    public override SafetensorsFile Read(string path)
    {
        string copy = Path.Combine(_copies, StoragePath.FileName(path));
        _store.Download(path, copy);
        return SafetensorsFile.OpenCopy(copy, path);
    }

    public override void Write(string path, Action<string> write)
    {
        CheckOwner();
        string copy = Path.Combine(_copies, StoragePath.FileName(path));
        try
        {
            write(copy);
            using FileStream content = File.OpenRead(copy);
            _store.Write(path, content, WriteCondition.Overwrite);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    public override void Delete(string path) => _store.Delete(path);

    public override void Dispose()
    {
        try
        {
            _store.Delete(_lock, _taken.Generation);
        }
        catch (StorageException)
        {
            // Of another run by now, or out of reach: the next run takes it over.
        }
        if (Directory.Exists(_copies))
        {
            Directory.Delete(_copies, recursive: true);
        }
    }

    private void CheckOwner()
    {
        long there = _store.Find(_lock)?.Generation ?? 0;
        if (there != _taken.Generation)
        {
            throw new StorageException(
                StorageErrorKind.Conflict, _folder,
                $"expected the folder to be this run's alone, got another run that has taken it ('{LockName}' has " +
                $"generation {there}, not {_taken.Generation}). Give each run a folder of its own.");
        }
    }
}
