using System.Globalization;
using SpeechML.Audio.Storage;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Sweeps.Running;

/// <summary>Where the trials of a study keep their checkpoints.</summary>
/// <param name="study">The study's folder or address; <see langword="null"/> for nowhere.</param>
internal sealed class TrialFolders(string? study)
{
    private const int Pause = 50; // ms between looks at a folder that another process has

    /// <summary>The folder of one run; empty for none.</summary>
    public string Of(int trial, int run) =>
        study is null ? "" : StoragePath.Combine(Trial(trial),
        string.Create(CultureInfo.InvariantCulture, $"run-{run:D2}"));

    /// <summary>Deletes what a trial has there. What another process still writes there stays.</summary>
    public void Delete(int trial)
    {
        if (study is null)
        {
            return;
        }
        if (StoragePath.IsRemote(study))
        {
            foreach (StoredObject left in StoragePath.Objects(Trial(trial)))
            {
                StoragePath.Delete(left.Address);
            }
            return;
        }
        try
        {
            Directory.Delete(Trial(trial), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (IOException) when (Directory.Exists(Trial(trial)))
        {
            // A worker that lost the trial and does not know it yet.
        }
    }

    /// <summary>
    /// Waits until no other run has a folder on a disk: a worker whose lease has run out may still live, and stops when
    /// it learns of that. (In a store, a run that
    /// takes a folder over ends the one before.)
    /// </summary>
    public static void WaitUntilFree(string folder, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, CheckpointStorage.LockName);
        while (folder.Length > 0 && !StoragePath.IsRemote(folder) && IsHeld(path))
        {
            cancellation.WaitHandle.WaitOne(Pause);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static bool IsHeld(string path)
    {
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception e) when (
            e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException e)
        {
            // Any other failure is the trial's to say when it opens the folder; it would never end here.
            return FileSharing.IsViolation(e);
        }
    }

    private string Trial(int trial) =>
        StoragePath.Combine(study!, string.Create(CultureInfo.InvariantCulture, $"trials/{trial:D5}"));
}
