using System.Security.Cryptography;
using System.Text;

namespace SpeechML.Audio.Storage;

/// <summary>
/// Folders of a store as folders on this machine, for code that needs several files beside each other.
/// </summary>
internal static class StoredFolder
{
    /// <summary>
    /// Brings the files that lie directly in a folder, or those that are wanted of all, to this machine. The copy's
    /// name follows from the names, versions and checksums of what is in it: another state of the
    /// folder is another copy, and one that is there is complete.
    /// </summary>
    /// <param name="folder">The folder's address.</param>
    /// <param name="wanted">Which files, by their paths in the folder; <see langword="null"/> for all that lie directly
    /// in it.</param>
    /// <returns>The path of the copy.</returns>
    /// <exception cref="StorageException">The folder is empty or cannot be read.</exception>
    public static string Fetch(string folder, Func<IReadOnlyCollection<string>, IEnumerable<string>>? wanted = null)
    {
        IObjectStore store = ObjectStores.For(folder);
        Dictionary<string, StoredObject> objects = StoragePath.Objects(folder)
            .ToDictionary(o => StoragePath.RelativeName(folder, o.Address), StringComparer.Ordinal);
        string[] direct = [.. objects.Keys.Where(n => !n.Contains('/'))];
        if (direct.Length == 0)
        {
            throw new StorageException(
                StorageErrorKind.NotFound, folder,
                "expected a folder with files, got none there. Check the spelling of the address.");
        }
        string[] names = [.. (wanted?.Invoke(objects.Keys) ?? direct).Where(objects.ContainsKey)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string state = string.Join(
            '\n', names.Select(n =>
            FormattableString.Invariant(
            $"{objects[n].Address}\t{objects[n].Generation}\t{objects[n].Size}\t{objects[n].Crc32C}")));
        string copy = Path.Combine(Path.GetTempPath(), "speechml-folders",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)))[..32]);
        if (Directory.Exists(copy))
        {
            return copy;
        }
        string temporary = $"{copy}.{Path.GetRandomFileName()}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (string name in names.Where(n => n.Contains('/')))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(temporary, name))!);
            }
            Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(8, store.ParallelReads) },
                n => store.Download(objects[n].Address, Path.Combine(temporary, n)));
            Publish(temporary, copy);
        }
        catch (AggregateException e) when (e.InnerExceptions.FirstOrDefault(i => i is StorageException) is { } first)
        {
            throw new StorageException(((StorageException)first).Kind, folder,
                $"expected to read its {names.Length} files. {first.Message}", first);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
        return copy;
    }

    private static void Publish(string temporary, string copy)
    {
        try
        {
            Directory.Move(temporary, copy);
        }
        catch (IOException) when (Directory.Exists(copy))
        {
            // Another process has brought the same files meanwhile.
        }
    }
}
