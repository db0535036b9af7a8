using System.Text.RegularExpressions;

namespace SpeechML.Training.Checkpoints;

/// <summary>
/// Where the checkpoints of a run are: a folder on a disk, or one of a store. It is the run's alone while it is open.
/// </summary>
internal abstract partial class CheckpointStorage : IDisposable
{
    internal const string LockName = "run.lock";

    /// <summary>Takes the folder, which is made if need be.</summary>
    /// <exception cref="IOException">It cannot be made or written to, or another run uses it.</exception>
    public static CheckpointStorage Open(string folder) =>
        StoragePath.IsRemote(folder) ? new RemoteCheckpointStorage(folder) : new LocalCheckpointStorage(folder);

    /// <summary>The checkpoints, oldest first: paths or addresses.</summary>
    public abstract IReadOnlyList<string> Files();

    /// <summary>Opens one.</summary>
    /// <exception cref="CheckpointException">It is broken.</exception>
    public abstract SafetensorsFile Read(string path);

    /// <summary>Writes one, which appears whole or not at all.</summary>
    /// <param name="path">One of <see cref="Files"/>, or a new one beside them.</param>
    /// <param name="write">Writes the file of a path on this machine.</param>
    public abstract void Write(string path, Action<string> write);

    public abstract void Delete(string path);

    /// <summary>Looks whether the folder is still the run's.</summary>
    /// <exception cref="DirectoryNotFoundException">It was removed or renamed.</exception>
    public virtual void CheckIsThere()
    {
    }

    public abstract void Dispose();

    [GeneratedRegex(@"^step-\d{10}\.safetensors$")]
    protected static partial Regex CheckpointName();
}
