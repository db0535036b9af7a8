namespace SpeechML.Runs;

/// <summary>
/// Where run folders are: on a disk or in a store. Whoever makes one owns it; of several that try, one does.
/// </summary>
internal static class RunStorage
{
    /// <summary>The whole path or address of a folder, without a separator at its end.</summary>
    public static string Resolve(string folder) =>
        StoragePath.IsRemote(folder) ? folder.TrimEnd('/')
        : Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>Whether something is there, be it a run or not.</summary>
    public static bool Exists(string folder) =>
        StoragePath.IsRemote(folder) ? StoragePath.Objects(folder).Any() : Path.Exists(folder);

    /// <summary>
    /// Makes a folder with its first files. On a disk they appear together. In a store the first one, which makes the
    /// folder a run, is written only where there is none, and the
    /// others after it.
    /// </summary>
    /// <returns>Whether the folder is the caller's; <see langword="false"/> where somebody has it.</returns>
    public static bool TryClaim(string folder, IReadOnlyList<(string Name, string Text)> files) =>
        StoragePath.IsRemote(folder) ? TryClaimStored(folder, files) : TryClaimLocal(folder, files);

    /// <summary>
    /// Writes those of the first files that are not there: in a store, whoever made the run may have ended before it
    /// wrote them.
    /// </summary>
    public static void Complete(string folder, IReadOnlyList<(string Name, string Text)> files)
    {
        foreach ((string name, string text) in files.Where(
            f => !StoragePath.Exists(StoragePath.Combine(folder, f.Name))))
        {
            RunFiles.WriteText(StoragePath.Combine(folder, name), text);
        }
    }

    private static bool TryClaimStored(string folder, IReadOnlyList<(string Name, string Text)> files)
    {
        try
        {
            StoragePath.WriteAllText(StoragePath.Combine(folder, files[0].Name), files[0].Text);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Conflict)
        {
            return false; // another process took the name
        }
        Complete(folder, files);
        return true;
    }

    private static bool TryClaimLocal(string folder, IReadOnlyList<(string Name, string Text)> files)
    {
        string temporary = $"{folder}.{Path.GetRandomFileName()}.tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        try
        {
            foreach ((string name, string text) in files)
            {
                RunFiles.WriteText(Path.Combine(temporary, name), text);
            }
            Directory.Move(temporary, folder);
            return true;
        }
        catch (IOException) when (Directory.Exists(temporary) && Path.Exists(folder))
        {
            return false; // another process took the name
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }
}
