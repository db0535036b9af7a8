using System.Globalization;
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

    /// <summary>
    /// The checkpoints in a folder, oldest first; empty where there is no such folder. It need not be taken for that.
    /// </summary>
    /// <returns>Paths or addresses.</returns>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        IEnumerable<string> all = StoragePath.IsRemote(folder)
            ? ObjectStores.For(folder).List(StoragePath.Combine(folder, "step-")).Select(o => o.Address)
            : Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [];
        return [.. all.Where(a => CheckpointName().IsMatch(StoragePath.FileName(a))).Order(StringComparer.Ordinal)];
    }

    /// <summary>Optimizer steps done in a checkpoint, by its name.</summary>
    /// <param name="path">One of <see cref="FilesOf"/>.</param>
    public static long StepOf(string path) =>
        long.Parse(StoragePath.FileName(path).AsSpan("step-".Length, 10), CultureInfo.InvariantCulture);

    /// <summary>Opens a checkpoint, of this folder or another of the same disk or store.</summary>
    /// <exception cref="CheckpointException">It is broken.</exception>
    public abstract SafetensorsFile Read(string path);

    /// <summary>Writes one, which appears whole or not at all.</summary>
    /// <param name="path">A path in the folder.</param>
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
    private static partial Regex CheckpointName();
}
