namespace SpeechML.Training.Checkpoints;

/// <summary>A folder on a disk, locked by an open file.</summary>
internal sealed class LocalCheckpointStorage : CheckpointStorage
{
    private readonly string _folder;
    private readonly FileStream _lock;

    public LocalCheckpointStorage(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _lock = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite,
            FileShare.None);
        // What a run that was killed while it wrote has left.
        foreach (string left in Directory.EnumerateFiles(folder, "step-*.tmp"))
        {
            File.Delete(left);
        }
    }

    public override SafetensorsFile Read(string path) => SafetensorsFile.Open(path);

    public override void Write(string path, Action<string> write) => write(path);

    public override void Delete(string path) => File.Delete(path);

    public override void CheckIsThere()
    {
        if (!File.Exists(_lock.Name))
        {
            throw new DirectoryNotFoundException(
                $"Checkpoints.Folder '{_folder}': expected the folder to stay in place while the run lasts, but " +
                $"'{LockName}' in it was removed or the folder renamed. Checkpoints would be lost: run again.");
        }
    }

    public override void Dispose() => _lock.Dispose();
}
