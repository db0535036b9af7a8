using SpeechML.Audio;

namespace SpeechML;

/// <summary>How audio files lie in a folder.</summary>
public enum AudioLayout
{
    /// <summary>Either; <see cref="Flat"/> is looked for first.</summary>
    Any,

    /// <summary><c>folder/key.ext</c>.</summary>
    Flat,

    /// <summary><c>folder/key/waveform.ext</c>.</summary>
    Structured,
}

/// <summary>Finds the audio file that an identifier of a metadata row means.</summary>
public static class AudioPath
{
    private const string StructuredName = "waveform";

    private static readonly string[] s_extensions =
        [".wav", ".flac", ".ogg", ".opus", ".mp3", ".oga", ".aiff", ".aif", ".aifc", ".au", ".caf", ".w64", ".rf64",
            ".WAV", ".FLAC", ".MP3"];

    /// <summary>
    /// The extensions that are tried, in this order, where the identifier has none of them; those of registered
    /// decoders (<see cref="AudioDecoders"/>) come last.
    /// </summary>
    public static IReadOnlyList<string> Extensions =>
        AudioDecoders.Extensions.Count == 0 ? s_extensions : [.. s_extensions, .. AudioDecoders.Extensions];

    /// <summary>
    /// The places where an identifier's file may be, relative to the folder, with <c>/</c> between the parts, the
    /// preferred one first: a list of strings, nothing is
    /// looked up.
    /// </summary>
    /// <param name="audioKey">The identifier, with or without an extension.</param>
    /// <param name="layout">How the files lie.</param>
    /// <exception cref="ArgumentException">The identifier is empty.</exception>
    public static IReadOnlyList<string> Candidates(string audioKey, AudioLayout layout = AudioLayout.Any)
    {
        if (string.IsNullOrWhiteSpace(audioKey))
        {
            throw new ArgumentException("Audio key: expected a name or a path, got an empty one.", nameof(audioKey));
        }
        string extension = Path.GetExtension(audioKey);
        IReadOnlyList<string> extensions = Extensions;
        bool hasExtension = extensions.Contains(extension, StringComparer.OrdinalIgnoreCase);
        string stem = hasExtension ? audioKey[..^extension.Length] : audioKey;
        var names = new List<string>();
        if (layout is AudioLayout.Any or AudioLayout.Flat)
        {
            names.Add(audioKey); // as it stands: files need no extension
            names.AddRange(extensions.Select(e => stem + e));
        }
        if (layout is AudioLayout.Any or AudioLayout.Structured)
        {
            if (hasExtension)
            {
                names.Add($"{stem}/{StructuredName}{extension}");
            }
            names.AddRange(extensions.Select(e => $"{stem}/{StructuredName}{e}"));
            if (hasExtension)
            {
                names.AddRange(extensions.Select(e => $"{audioKey}/{StructuredName}{e}"));
            }
        }
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The path of an identifier's file.</summary>
    /// <param name="folder">The folder, a path or an address (<c>gs://...</c>); may be null or empty where identifiers
    /// are paths themselves.</param>
    /// <param name="audioKey">The identifier, with or without an extension, or a path: an absolute one stands for
    /// itself.</param>
    /// <param name="layout">How the files lie.</param>
    /// <exception cref="AudioException">There is no such file; the message lists what was looked for.</exception>
    public static string Resolve(string? folder, string audioKey, AudioLayout layout = AudioLayout.Any)
    {
        IReadOnlyList<string> candidates = Candidates(audioKey, layout);
        if (StoredAudio.Applies(folder, audioKey))
        {
            return new StoredAudio(folder, layout).Find(audioKey, default).Address;
        }
        bool isAbsolute = Path.IsPathRooted(audioKey);
        foreach (string candidate in candidates)
        {
            string path = isAbsolute || string.IsNullOrEmpty(folder) ? candidate : Path.Combine(folder, candidate);
            if (File.Exists(path))
            {
                return path;
            }
        }
        throw NotFound(isAbsolute ? null : folder, audioKey, candidates,
            !string.IsNullOrEmpty(folder) && Directory.Exists(folder),
            NearNames.Of(audioKey, isAbsolute ? null : folder));
    }

    /// <summary>The error that none of the places has a file.</summary>
    internal static AudioException NotFound(
        string? folder, string audioKey, IReadOnlyList<string> candidates, bool folderExists, string near)
    {
        string where = string.IsNullOrEmpty(folder) ? string.Empty
            : $" in folder '{folder}'{(folderExists ? "" : " (which does not exist)")}";
        return new AudioException(
            AudioErrorKind.NotFound, audioKey, $"expected an audio file{where}, got none of " +
            $"{Describe(candidates)}.{near}");
    }

    /// <summary>Names the places by their stems, the extensions once.</summary>
    private static string Describe(IReadOnlyList<string> candidates)
    {
        var stems = candidates.GroupBy(Stem, StringComparer.Ordinal)
            .Select(g => g.Count() > 1 ? $"'{g.Key}.*'" : $"'{g.First()}'");
        return $"{string.Join(", ", stems)} (.* is " +
            $"{string.Join(", ", Extensions.Distinct(StringComparer.OrdinalIgnoreCase))})";
    }

    private static string Stem(string candidate)
    {
        string extension = Path.GetExtension(candidate);
        return Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase) ? candidate[..^extension.Length]
            : candidate;
    }
}
