using System.Text;
using SpeechML.Audio.Storage;

namespace SpeechML;

/// <summary>
/// Files and folders by path or by address, whichever is given: the few operations that code needs which reads and
/// writes whole files, and that mean the same on a disk and in
/// a bucket.
/// </summary>
public static class StoragePath
{
    private static readonly UTF8Encoding s_text = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Whether a path is an address (<c>scheme://...</c>) of a store other than the disk.</summary>
    public static bool IsRemote(string? path) =>
        ObjectStores.SchemeOf(path) is { } scheme && !scheme.Equals("file", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Puts a name behind a folder, with the separator that the folder needs. A name that is a whole address or an
    /// absolute path stands for itself.
    /// </summary>
    /// <param name="folder">A path or an address.</param>
    /// <param name="name">A name, or several with <c>/</c> between them.</param>
    public static string Combine(string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(name);
        return ObjectStores.SchemeOf(name) is not null ? name
            : ObjectStores.SchemeOf(folder) is null ? Path.Combine(folder, name)
            : folder.EndsWith('/') ? folder + name : $"{folder}/{name}";
    }

    /// <summary>What stands behind the last separator.</summary>
    public static string FileName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ObjectStores.SchemeOf(path) is null ? Path.GetFileName(path) : path[(path.LastIndexOf('/') + 1)..];
    }

    /// <summary>Whether there is such a file.</summary>
    public static bool Exists(string path) =>
        IsRemote(path) ? ObjectStores.For(path).Find(path) is not null : File.Exists(Fetch(path, check: false));

    /// <summary>
    /// The file on this machine that has the content of a path or an address: the path itself, or a verified copy that
    /// belongs to the store and must not be changed.
    /// </summary>
    /// <exception cref="StorageException">There is no such object, or it could not be brought here.</exception>
    public static string Fetch(string path) => Fetch(path, check: true);

    /// <summary>
    /// Opens a file for reading. What is not there throws as a disk does: a <see cref="FileNotFoundException"/> or,
    /// from a store, a <see cref="StorageException"/>.
    /// </summary>
    public static Stream OpenRead(string path) =>
        new FileStream(Fetch(path), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16);

    /// <summary>Reads a file whole.</summary>
    public static byte[] ReadAllBytes(string path) => File.ReadAllBytes(Fetch(path));

    /// <summary>Reads a file as UTF-8, or as its byte order mark says.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8: names line, column and byte.</exception>
    public static string ReadAllText(string path) => TextFile.Read(path);

    /// <summary>Writes a file, which appears whole or not at all; folders are made as needed.</summary>
    /// <param name="path">A path or an address.</param>
    /// <param name="bytes">The content.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <exception cref="StorageException">There is a file, and <paramref name="overwrite"/> is not set; or the store
    /// failed.</exception>
    public static void WriteAllBytes(string path, byte[] bytes, bool overwrite = false) =>
        ObjectStores.For(path).Write(
            path, new MemoryStream(bytes, writable: false),
            overwrite ? WriteCondition.Overwrite : WriteCondition.IfAbsent);

    /// <summary>Writes a text in UTF-8, without a byte order mark.</summary>
    /// <inheritdoc cref="WriteAllBytes"/>
    public static void WriteAllText(string path, string text, bool overwrite = false) =>
        WriteAllBytes(path, s_text.GetBytes(text), overwrite);

    /// <summary>Writes a file of any size, which appears whole or not at all.</summary>
    /// <param name="path">A path or an address.</param>
    /// <param name="write">Writes the content to a stream that can seek: a temporary file.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <exception cref="StorageException">There is a file, and <paramref name="overwrite"/> is not set; or the store
    /// failed.</exception>
    public static void Write(string path, Action<Stream> write, bool overwrite = false)
    {
        ArgumentNullException.ThrowIfNull(write);
        IObjectStore store = ObjectStores.For(path);
        using var content = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        write(content);
        content.Position = 0;
        store.Write(path, content, overwrite ? WriteCondition.Overwrite : WriteCondition.IfAbsent);
    }

    /// <summary>The files in a folder and in the folders in it, by name; empty where there is no such folder.</summary>
    /// <returns>Paths or addresses.</returns>
    public static IReadOnlyList<string> List(string folder) => [.. Objects(folder).Select(o => o.Address)];

    /// <summary>Deletes a file.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Delete(string path) => ObjectStores.For(path).Delete(path);

    /// <summary>The objects in a folder; what only marks a folder (a name that ends in <c>/</c>) is left out.</summary>
    internal static IEnumerable<StoredObject> Objects(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string prefix = folder.EndsWith('/') || (!IsRemote(folder) && Path.EndsInDirectorySeparator(folder)) ? folder
            : folder + "/";
        return ObjectStores.For(folder).List(prefix).Where(o => !o.Address.EndsWith('/'));
    }

    /// <summary>The name of an object relative to a folder that it lies in, with <c>/</c> between the parts.</summary>
    internal static string RelativeName(string folder, string address) => address[(folder.TrimEnd('/').Length + 1)..];

    private static string Fetch(string path, bool check)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ObjectStores.SchemeOf(path) is null ? path
            : !check && !IsRemote(path) ? new Uri(path).LocalPath
            : ObjectStores.For(path).Fetch(path);
    }
}
