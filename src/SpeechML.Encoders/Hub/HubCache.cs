using SpeechML.Audio.Common;

namespace SpeechML.Encoders.Hub;

/// <summary>
/// The folders of Python's huggingface_hub: <c>models--org--name/blobs/ETAG</c>, <c>…/snapshots/COMMIT/FILE</c> (links
/// into blobs), <c>…/refs/REVISION</c>
/// (the commit as text), <c>.locks/models--org--name/ETAG.lock</c>.
/// </summary>
/// <param name="folder">The cache folder.</param>
/// <param name="useLinks">Whether to try links; where the system refuses them (Windows without the right), the blob is
/// moved to the snapshot, as Python does.</param>
internal sealed class HubCache(string folder, bool useLinks = true)
{
    private static readonly TimeSpan s_lockPoll = TimeSpan.FromMilliseconds(100);

    public string ModelFolder(string id) => Path.Combine(folder, ModelName(id));

    public string BlobPath(string id, string etag) => Path.Combine(ModelFolder(id), "blobs", etag);

    public string SnapshotFolder(string id, string commit) => Path.Combine(ModelFolder(id), "snapshots", commit);

    /// <summary>The commit that a revision meant when it was last downloaded.</summary>
    public string? ReadRef(string id, string revision)
    {
        string path = RefPath(id, revision);
        return File.Exists(path) && File.ReadAllText(path).Trim() is var commit && HubNames.IsCommit(commit) ? commit
            : null;
    }

    public void WriteRef(string id, string revision, string commit)
    {
        if (revision == commit || ReadRef(id, revision) == commit)
        {
            return;
        }
        string path = RefPath(id, revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        File.WriteAllText(temporary, commit);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Waits for the lock of a blob, which Python's <c>filelock</c> honours too (both are <c>flock</c> on Unix, an
    /// exclusively opened file on Windows).
    /// </summary>
    public async Task<IDisposable> LockAsync(string id, string etag, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, ".locks", ModelName(id), $"{etag}.lock");
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (TryLock(path) is { } held)
                {
                    return held;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new HubException(
                    $"Hub model '{id}': expected a cache '{folder}' that can be written to, got: " +
                    $"{error.Message.TrimEnd('.')}. Choose another folder (HF_HUB_CACHE), or free this one.",
                    null, error);
            }
            await Task.Delay(s_lockPoll, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Puts a blob into a snapshot: a relative link, so that the cache can be moved.</summary>
    public void Link(string id, string commit, string file, string etag)
    {
        string target = BlobPath(id, etag);
        string link = Path.Combine(SnapshotFolder(id, commit), file);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        string temporary = $"{link}.{Path.GetRandomFileName()}.tmp";
        if (useLinks)
        {
            try
            {
                File.CreateSymbolicLink(temporary, Path.GetRelativePath(Path.GetDirectoryName(link)!, target));
                File.Move(temporary, link, overwrite: true);
                return;
            }
            catch (Exception error) when (
                error is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                File.Delete(temporary);
            }
        }
        File.Move(target, link, overwrite: true);
    }

    /// <summary>Whether a snapshot has a file, whole: its size and hash are known.</summary>
    public async Task<bool> HasAsync(string id, string commit, HubFile file, CancellationToken cancellation)
    {
        // A link's own length is that of its text: opened, it is that of what it points at. A link to nothing does not
        // exist.
        var info = new FileInfo(Path.Combine(SnapshotFolder(id, commit), file.Name));
        return info.Exists && (info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info)
            is { Exists: true } content && content.Length == file.Size
            && await IsRightAsync(id, content.FullName, file.Etag, cancellation).ConfigureAwait(false);
    }

    /// <summary>Notes that a blob was compared with its ETag.</summary>
    public void NoteRight(string id, string etag) =>
        HubVerification.Note(NotesFolder(id), BlobPath(id, etag), etag);

    /// <summary>Whether a blob is what its ETag says.</summary>
    public Task<bool> IsRightAsync(string id, string path, string etag, CancellationToken cancellation) =>
        HubVerification.IsRightAsync(NotesFolder(id), path, etag, cancellation);

    /// <summary>
    /// Whether a snapshot's file is what its name among the blobs says; <see langword="true"/> for a file that is no
    /// link, of which nothing is known.
    /// </summary>
    public async Task<bool> IsFileRightAsync(string id, string commit, string file, CancellationToken cancellation)
    {
        string path = Path.Combine(SnapshotFolder(id, commit), file);
        return LinkedBlob(path) is not { } blob
            || (File.Exists(blob)
                && await IsRightAsync(id, blob, Path.GetFileName(blob), cancellation).ConfigureAwait(false));
    }

    /// <summary>
    /// Deletes files of a snapshot (all, if none are named), blobs that nothing points at any more, and what is then
    /// empty.
    /// </summary>
    public void Delete(string id, string commit, IReadOnlyList<string>? files = null)
    {
        string snapshot = SnapshotFolder(id, commit);
        if (!Directory.Exists(snapshot))
        {
            return;
        }
        IEnumerable<string> paths = files?.Select(f => Path.Combine(snapshot, f)).Where(p => Path.Exists(p))
            ?? Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories);
        foreach (string path in paths.ToArray())
        {
            string? blob = LinkedBlob(path);
            File.Delete(path);
            if (blob is not null && !IsLinked(id, blob)
                && TryLock(Path.Combine(folder, ".locks", ModelName(id), $"{Path.GetFileName(blob)}.lock")) is { } held)
            {
                using (held)
                {
                    File.Delete(blob);
                    string note = Path.Combine(NotesFolder(id), Path.GetFileName(blob));
                    if (File.Exists(note))
                    {
                        File.Delete(note);
                    }
                }
            }
        }
        DeleteEmptyFolders(snapshot);
        if (Directory.Exists(snapshot))
        {
            return;
        }
        DeleteNotesOfNothing(id);
        string refs = Path.Combine(ModelFolder(id), "refs");
        foreach (string reference in Directory.Exists(refs) ? Directory.GetFiles(refs, "*", SearchOption.AllDirectories)
            : [])
        {
            if (File.ReadAllText(reference).Trim() == commit)
            {
                File.Delete(reference);
            }
        }
        DeleteEmptyFolders(ModelFolder(id));
    }

    private static string ModelName(string id) => "models--" + id.Replace("/", "--", StringComparison.Ordinal);

    private string NotesFolder(string id) => Path.Combine(ModelFolder(id), ".verified");

    private string RefPath(string id, string revision) => Path.Combine(ModelFolder(id), "refs", revision);

    private static FileStream? TryLock(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException error) when (SharingViolation.Is(error))
        {
            return null;
        }
    }

    /// <summary>Where no snapshot is left, notes are of nothing.</summary>
    private void DeleteNotesOfNothing(string id)
    {
        string snapshots = Path.Combine(ModelFolder(id), "snapshots");
        if (Directory.Exists(NotesFolder(id))
            && (!Directory.Exists(snapshots) || !Directory.EnumerateFileSystemEntries(snapshots).Any()))
        {
            Directory.Delete(NotesFolder(id), recursive: true);
        }
    }

    private static string? LinkedBlob(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: false) is { } target ? Path.GetFullPath(target.FullName) : null;

    private bool IsLinked(string id, string blob) =>
        Directory.EnumerateFiles(Path.Combine(ModelFolder(id), "snapshots"), "*", SearchOption.AllDirectories)
            .Any(p => LinkedBlob(p) == blob);

    /// <summary>Bottom up; a folder that another process has just filled stays.</summary>
    private static void DeleteEmptyFolders(string top)
    {
        if (!Directory.Exists(top))
        {
            return;
        }
        foreach (string inner in Directory.GetDirectories(top))
        {
            DeleteEmptyFolders(inner);
        }
        try
        {
            if (!Directory.EnumerateFileSystemEntries(top).Any())
            {
                Directory.Delete(top);
            }
        }
        catch (IOException) when (Directory.Exists(top) && Directory.EnumerateFileSystemEntries(top).Any())
        {
        }
    }
}
