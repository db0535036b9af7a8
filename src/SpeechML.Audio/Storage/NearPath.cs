using SpeechML.Audio.Options;

namespace SpeechML.Audio.Storage;

/// <summary>The file or folder that a path was probably meant to be, for messages.</summary>
internal static class NearPath
{
    private const int MaxNames = 1000; // of a folder: more are no help in a message

    /// <summary><c>; near it is 'runs/first'</c>, or nothing.</summary>
    /// <param name="path">A path that is not there; of an address nothing is said.</param>
    public static string Say(string path)
    {
        if (StoragePath.IsRemote(path) || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder
            || !Directory.Exists(folder))
        {
            return "";
        }
        string given = Path.GetFileName(path);
        return NearestName.Say(given,
            Directory.EnumerateFileSystemEntries(folder).Take(MaxNames).Select(e => Path.GetFileName(e)),
            n => $"; near it is '{path[..^given.Length]}{n}'");
    }
}
