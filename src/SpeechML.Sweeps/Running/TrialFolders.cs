using System.Globalization;
using SpeechML.Audio.Common;
using SpeechML.Sweeps.Studies;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// Where the trials of a study keep their checkpoints: each lease has a folder of its own, <c>lease-0002</c> in that of
/// the run. A worker that has lost its lease and does not know it yet writes to none that another reads and writes.
/// </summary>
/// <param name="study">The study's folder or address; <see langword="null"/> for nowhere.</param>
internal sealed class TrialFolders(string? study)
{
    private const int Pause = 50; // ms between looks at a folder that another process has

    /// <summary>
    /// The folder of one run under a lease (0: of a process that has the study alone); empty for none.
    /// </summary>
    public string Of(int trial, int run, int lease)
    {
        if (study is null)
        {
            return "";
        }
        string folder = StoragePath.Combine(
            Trial(trial), string.Create(CultureInfo.InvariantCulture, $"run-{run:D2}"));
        return lease == 0 ? folder : StoragePath.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $"lease-{lease:D4}"));
    }

    /// <summary>
    /// The checkpoints that a run may go on from, newest first: those of an epoch that is not in the log are left out,
    /// so that it is done again. Which these are follows from the log, whatever is written meanwhile.
    /// </summary>
    /// <param name="trial">The trial as the log has it.</param>
    /// <param name="run">The run.</param>
    /// <param name="lease">The lease under which it goes on; checkpoints of later ones are left out.</param>
    public IReadOnlyList<string> Resumable(TrialRecord trial, int run, int lease)
    {
        List<EpochEnded> epochs = trial.Runs[run].Epochs;
        if (study is null || epochs.Count == 0)
        {
            return [];
        }
        // All epochs have as many steps. Of checkpoints of one step, that of the latest lease.
        long nextEnds = epochs[^1].Step / epochs.Count * (epochs.Count + 1);
        return [.. Enumerable.Range(0, lease + 1).Reverse()
            .SelectMany(l => CheckpointStorage.FilesOf(Of(trial.Number, run, l)))
            .Where(p => CheckpointStorage.StepOf(p) < nextEnds)
            .OrderByDescending(CheckpointStorage.StepOf)];
    }

    /// <summary>
    /// Deletes what leases before have left of a run, but for the newest that it may go on from. What is still open
    /// elsewhere stays.
    /// </summary>
    /// <param name="trial">The trial.</param>
    /// <param name="run">The run.</param>
    /// <param name="lease">The lease under which it goes on.</param>
    /// <param name="resumable">What <see cref="Resumable"/> gave.</param>
    public void DropEarlier(TrialRecord trial, int run, int lease, IReadOnlyList<string> resumable)
    {
        if (study is null)
        {
            return;
        }
        HashSet<string> kept = [.. resumable.Take(TrainingCheckpoints.Kept)];
        foreach (string path in Enumerable.Range(0, lease)
            .SelectMany(l => CheckpointStorage.FilesOf(Of(trial.Number, run, l))).Where(p => !kept.Contains(p)))
        {
            try
            {
                StoragePath.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A worker that lost the trial and does not know it yet, or who loads from it. Deleted with the trial.
            }
        }
    }

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
    /// Waits until no other process has a folder on a disk: several may read the best model from it. (In a store, one
    /// that takes a folder over ends the one before.)
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What else is wrong with the folder, the fit itself will say.
            return SharingViolation.Is(e);
        }
    }

    private string Trial(int trial) =>
        StoragePath.Combine(study!, string.Create(CultureInfo.InvariantCulture, $"trials/{trial:D5}"));
}
