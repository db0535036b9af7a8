using System.Text;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>
/// Writes a folder of files in a place of its own, each flushed to the disk, and moves them to where they belong when
/// all are whole: a folder that was not
/// there appears at once and complete.
/// </summary>
internal static class FolderWriter
{
    /// <summary>What a safetensors header must say for Hugging Face transformers and PEFT to read the file.</summary>
    public static IReadOnlyDictionary<string, string> TorchMetadata { get; } =
        new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where they shall be.</param>
    /// <param name="overwrite">Replace files of these names in a folder that is not empty; its other files
    /// stay.</param>
    /// <param name="files">Names, perhaps with a folder before them, and what writes each; the one without which
    /// nothing is read comes last.</param>
    /// <exception cref="CheckpointException">The folder is a file, or is not empty and <paramref name="overwrite"/> is
    /// not set.</exception>
    public static void Write(string folder, bool overwrite, params (string Name, Action<string> Write)[] files)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(path))
        {
            throw new CheckpointException(folder, null, "a folder to write to", "a file");
        }
        bool exists = Directory.Exists(path);
        if (exists && !overwrite && Directory.EnumerateFileSystemEntries(path).Any())
        {
            string first = Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal).First();
            throw new CheckpointException(
                folder, null, "a new or empty folder, or to be told to overwrite",
                $"one that holds '{Path.GetFileName(first)}'");
        }
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            foreach ((string name, Action<string> write) in files)
            {
                string file = Path.Combine(temporary, name);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                write(file);
            }
            if (!exists)
            {
                Directory.Move(temporary, path);
                return;
            }
            foreach ((string name, _) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, name))!);
                File.Move(Path.Combine(temporary, name), Path.Combine(path, name), overwrite: true);
            }
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>Writes a text in UTF-8 and flushes it to the disk.</summary>
    public static void WriteText(string path, string text)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
