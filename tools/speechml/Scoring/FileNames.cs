using SpeechML.Audio.Storage;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Scoring;

/// <summary>The files that are to be scored.</summary>
internal static class FileNames
{
    private const int MaxNamed = 8; // extensions in a message

    /// <summary>Audio files of a folder and the folders in it, in the order of their names.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">There is no audio file in it.</exception>
    public static List<string> OfFolder(string folder)
    {
        if (!StoragePath.IsRemote(folder) && !Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"Folder '{folder}': expected a folder of audio files, got no folder of this " +
                $"name{NearPath.Say(folder)}.");
        }
        IEnumerable<string> all = StoragePath.IsRemote(folder) ? StoragePath.List(folder)
            : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);
        List<string> names = [.. all.Order(StringComparer.Ordinal)], files = names.FindAll(IsAudio);
        string[] others = [.. names.Select(n => Path.GetExtension(n).ToLowerInvariant()).Distinct()
            .Select(e => e.Length == 0 ? "no extension" : e).Take(MaxNamed)];
        return files.Count > 0 ? files : throw new IOException(
            $"Folder '{folder}': expected audio files (.wav, .flac, .mp3, .m4a and others), got " +
            (others.Length == 0 ? "an empty folder." : $"files with {string.Join(", ", others)} only."));
    }

    /// <summary>One name per line; empty lines are left out.</summary>
    public static IEnumerable<string> OfList(TextReader list)
    {
        while (list.ReadLine() is { } line)
        {
            if (line.Trim() is { Length: > 0 } name)
            {
                yield return name;
            }
        }
    }

    /// <exception cref="UsageException">There is not exactly one source of files.</exception>
    public static void CheckOneSource(int sources)
    {
        if (sources != 1)
        {
            throw new UsageException(
                $"Command line: expected one of --folder, --list, --file or - (names on standard input), got " +
                $"{sources}.");
        }
    }

    private static bool IsAudio(string file) =>
        AudioPath.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}
