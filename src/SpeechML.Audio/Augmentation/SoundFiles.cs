using System.Collections.Concurrent;

namespace SpeechML.Audio.Augmentation;

/// <summary>
/// The audio files of a folder, decoded at first use and kept in memory up to a limit. Safe to use from several
/// threads.
/// </summary>
internal sealed class SoundFiles
{
    /// <summary>Samples kept at most (128 MiB). What does not fit is decoded each time.</summary>
    private const long MaxKept = 1L << 25;

    private static readonly string[] s_extensions =
        [".wav", ".wave", ".w64", ".rf64", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf"];

    private readonly string[] _files;
    private readonly ConcurrentDictionary<(int File, int Rate), MLAudio> _kept = new();
    private long _samples;

    private SoundFiles(string path, string[] files)
    {
        Path = path;
        _files = files;
    }

    public string Path { get; }

    public int Count => _files.Length;

    /// <summary>The files below a folder, in an order that every file system gives alike; or a single file.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static SoundFiles Find(string effect, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (StoragePath.IsRemote(path))
        {
            return FindStored(effect, path);
        }
        if (File.Exists(path))
        {
            return new SoundFiles(path, [path]);
        }
        EffectChecks.Check(Directory.Exists(path), effect, "the path of a folder or an audio file",
            $"'{path}', which does not exist");
        string[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(f => s_extensions.Contains(System.IO.Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .OrderBy(f => System.IO.Path.GetRelativePath(path, f).Replace('\\', '/'), StringComparer.Ordinal)];
        EffectChecks.Check(files.Length > 0, effect, $"a folder with audio files ({string.Join(", ", s_extensions)})",
            $"'{path}' without any");
        return new SoundFiles(path, files);
    }

    private static SoundFiles FindStored(string effect, string address)
    {
        string[] files = [.. StoragePath.List(address)
            .Where(f => s_extensions.Contains(System.IO.Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))];
        files = files.Length == 0 && StoragePath.Exists(address) ? [address] : files;
        EffectChecks.Check(files.Length > 0, effect, $"a folder with audio files ({string.Join(", ", s_extensions)})",
            $"'{address}' without any");
        return new SoundFiles(address, files);
    }

    /// <summary>A file as mono audio at a rate (Hz).</summary>
    public MLAudio Load(int file, int rate)
    {
        if (_kept.TryGetValue((file, rate), out MLAudio? audio))
        {
            return audio;
        }
        audio = MLAudio.FromFile(_files[file], rate);
        if (Interlocked.Read(ref _samples) + audio.Length <= MaxKept && _kept.TryAdd((file, rate), audio))
        {
            Interlocked.Add(ref _samples, audio.Length);
        }
        return audio;
    }
}
