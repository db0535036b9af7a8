namespace SpeechML.Sweeps.Studies;

/// <summary>
/// Who has a study's folder on a disk: one process alone, or several that share it; never both. A dead process has
/// nothing.
/// </summary>
internal static class StudyLock
{
    private const string FileName = "study.lock";

    /// <summary>Takes a study's folder, which is made if need be, until the file is closed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="shared">Whether others may share it.</param>
    /// <exception cref="IOException">Another process has it, or it cannot be written to.</exception>
    public static FileStream Take(string folder, bool shared)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
            if (!shared)
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            if (!File.Exists(path))
            {
                using var made = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            }
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string others = shared ? "that no process is running a sweep in by itself"
                : "that no other process is running a sweep in";
            throw new IOException(
                $"Study '{folder}': expected a folder that can be written to and {others}, got '{folder}'. {e.Message}",
                e);
        }
    }
}
