using System.Text.RegularExpressions;
using SpeechML.Audio.Storage;

namespace SpeechML.Data.Metadata;

/// <summary>Clips whose labels are the names of folders.</summary>
internal static class FolderMetadata
{
    public const string PathColumn = "Path";
    public const string LabelColumn = "Label";
    public const string SubjectColumn = "Subject";
    private const int MaxDepth = 32; // a folder that is linked into itself ends somewhere
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads names of files, nothing of what they hold.</summary>
    /// <param name="folder">The folder, a path or an address.</param>
    /// <param name="pattern">What a path below it is made of; <see langword="null"/> for the label alone.</param>
    public static SpeechMetadata Read(string folder, string? pattern)
    {
        Regex? parts = Parse(pattern);
        string[] groups = [.. parts?.GetGroupNames().Where(g => !char.IsAsciiDigit(g[0])) ?? []];
        string[] paths = [.. Files(folder).Where(IsAudio).Order(StringComparer.Ordinal)];
        if (paths.Length == 0)
        {
            throw new InvalidDataException(
                $"Folder '{folder}': expected audio files ({string.Join(", ", AudioPath.Extensions.Take(5))}, ...) " +
                "in a folder for each label, got none.");
        }
        var names = new MetadataColumnNames();
        foreach (string name in groups.Select(ColumnOf).Prepend(LabelColumn).Prepend(PathColumn))
        {
            names.Add(name, folder, "the pattern");
        }
        bool subjects = names.Contains(SubjectColumn);
        var columns = new SpeechMetadataColumns
        {
            AudioKey = PathColumn,
            Subject = subjects ? SubjectColumn : null,
        };
        return new SpeechMetadata(columns, [.. paths.Select(p => Row(folder, p, parts, groups, names, subjects))]);
    }

    private static SpeechMetadataRow Row(
        string folder, string path, Regex? parts, string[] groups, MetadataColumnNames names, bool subjects)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal) { [PathColumn] = path };
        if (parts is not null)
        {
            Match match = parts.Match(path);
            if (!match.Success)
            {
                throw new InvalidDataException(
                    $"Folder '{folder}', file '{path}': expected a path that matches the pattern '{parts}', got none.");
            }
            foreach (string group in groups)
            {
                own[ColumnOf(group)] = Spelling.Fold(match.Groups[group].Value);
            }
        }
        if (!own.ContainsKey(LabelColumn))
        {
            int slash = path.IndexOf('/', StringComparison.Ordinal);
            own[LabelColumn] = slash > 0 ? Spelling.Fold(path[..slash]) : throw new InvalidDataException(
                $"Folder '{folder}', file '{path}': expected a folder for each label, got a file beside them. Move " +
                "it, or give a pattern with a group 'label'.");
        }
        string subject = subjects ? own[SubjectColumn] : "";
        foreach (string column in (string[])[LabelColumn, .. subjects ? [SubjectColumn] : Array.Empty<string>()])
        {
            if (own[column].Length == 0)
            {
                throw new InvalidDataException(
                    $"Folder '{folder}', file '{path}': expected a {column.ToLowerInvariant()} by the pattern " +
                    $"'{parts}', got an empty text.");
            }
        }
        return new SpeechMetadataRow(path, subject, "", "", [], new MetadataFields(names, own));
    }

    private static Regex? Parse(string? pattern)
    {
        if (pattern is null)
        {
            return null;
        }
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, s_timeout);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException(
                $"Pattern: expected a regular expression such as '^[^/]+/(?<subject>[^_/]+)_', got '{pattern}': " +
                e.Message, nameof(pattern), e);
        }
    }

    /// <summary>A group named <c>subject</c> is the column <c>Subject</c>.</summary>
    private static string ColumnOf(string group) => char.ToUpperInvariant(group[0]) + group[1..];

    private static bool IsAudio(string path) =>
        AudioPath.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
        && !path.Split('/').Any(p => p.StartsWith('.'));

    /// <summary>Files below the folder, relative to it, with <c>/</c> between the parts.</summary>
    private static IEnumerable<string> Files(string folder)
    {
        if (StoragePath.IsRemote(folder))
        {
            string root = folder.TrimEnd('/') + "/";
            return StoragePath.List(folder).Where(a => a.StartsWith(root, StringComparison.Ordinal))
                .Select(a => a[root.Length..]);
        }
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"Folder '{folder}': expected a folder of recordings, got none{NearPath.Say(folder)}.");
        }
        var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth };
        return Directory.EnumerateFiles(folder, "*", all)
            .Select(f => Path.GetRelativePath(folder, f).Replace(Path.DirectorySeparatorChar, '/'));
    }
}
