using System.Text;
using SpeechML.Audio.Common;
using SpeechML.Audio.Formats;

namespace SpeechML.Audio;

/// <summary>
/// Files whose names are nearly what was looked for: other letter case, Unicode form, spaces or extension.
/// </summary>
internal static class NearNames
{
    private const int MaxListed = 3;

    /// <summary>Names that are looked at: a whole corpus must not be listed for each clip it lacks.</summary>
    private const int MaxNames = 20_000;

    /// <summary>A sentence about near names of an identifier in a folder; empty where none is.</summary>
    public static string Of(string audioKey, string? folder)
    {
        string path = Slashes(audioKey).Trim();
        int cut = path.LastIndexOf('/') + 1;
        string within = path[..cut];
        string where = Path.IsPathRooted(path) || string.IsNullOrEmpty(folder) ? within : Path.Combine(folder, within);
        try
        {
            string at = where.Length == 0 ? "." : where;
            return Directory.Exists(at)
                ? Among(audioKey, Directory.EnumerateFiles(at).Take(MaxNames).Select(f => within + Path.GetFileName(f)))
                : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>A sentence about near names of an identifier; empty where none is.</summary>
    public static string Among(string audioKey, IEnumerable<string> names)
    {
        string wanted = Fold(Stem(audioKey));
        string[] near = [.. names.Where(n => n != audioKey && Fold(Stem(n)) == wanted).Order(StringComparer.Ordinal)
            .Take(MaxListed)];
        string[] foreign = [.. near.Where(IsForeign)], others = [.. near.Except(foreign)];
        var text = new StringBuilder();
        if (others.Length > 0)
        {
            text.Append(" Near it is ")
                .AppendJoin(", ", others.Select(n => $"'{n}' ({Difference(audioKey, n)})")).Append('.');
        }
        foreach (string name in foreign)
        {
            text.Append($" There is '{name}', whose format is not decoded here: convert it to WAV or FLAC: " +
                $"{ForeignFormats.Command(name)}.");
        }
        return text.ToString();
    }

    /// <summary>What differs first, of what is folded.</summary>
    private static string Difference(string audioKey, string name)
    {
        string wanted = Stem(audioKey), got = Stem(name);
        if (wanted == got)
        {
            return "another extension";
        }
        (string What, Func<string, string> Change)[] changes =
        [
            ("'/' instead of '\\'", Slashes),
            ("no spaces at the ends", s => s.Trim()),
            ("another Unicode form", Composed),
            ("other letter case", s => s.ToUpperInvariant()),
        ];
        var found = new List<string>();
        foreach ((string what, Func<string, string> change) in changes)
        {
            (string changedWanted, string changedGot) = (change(wanted), change(got));
            if (changedWanted != wanted || changedGot != got)
            {
                bool helps = changedWanted == changedGot
                    || Distance(changedWanted, changedGot) < Distance(wanted, got);
                (wanted, got) = (changedWanted, changedGot);
                if (helps)
                {
                    found.Add(what);
                }
            }
            if (wanted == got)
            {
                break;
            }
        }
        return found.Count == 0 ? "spelt otherwise" : string.Join(", ", found);
    }

    /// <summary>Places at which two names differ.</summary>
    private static int Distance(string a, string b) =>
        Math.Abs(a.Length - b.Length) + a.Zip(b).Count(p => p.First != p.Second);

    private static bool IsForeign(string name) =>
        !AudioDecoders.Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)
        && ForeignFormats.Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>The name without an extension of audio.</summary>
    private static string Stem(string name)
    {
        string extension = Path.GetExtension(name);
        return AudioPath.Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase) || IsForeign(name)
            ? name[..^extension.Length] : name;
    }

    private static string Fold(string name)
    {
        string text = Composed(Slashes(name));
        return string.Join(' ', text.ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Composed(string name)
    {
        try
        {
            return UnicodeForm.Compose(name);
        }
        catch (ArgumentException)
        {
            return name; // half of a surrogate pair
        }
    }

    private static string Slashes(string name) => name.Replace('\\', '/');
}
