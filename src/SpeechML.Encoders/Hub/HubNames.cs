using System.Text.RegularExpressions;

namespace SpeechML.Encoders.Hub;

/// <summary>Checks of names that become parts of addresses and paths.</summary>
internal static partial class HubNames
{
    public static bool IsCommit(string text) => CommitPattern().IsMatch(text);

    /// <summary>Whether a text is <c>name</c> or <c>organisation/name</c>.</summary>
    public static bool IsId(string text) =>
        IdPattern().IsMatch(text) && !text.Contains("--", StringComparison.Ordinal)
            && !text.Contains("..", StringComparison.Ordinal);

    /// <exception cref="ArgumentException">Not <c>name</c> or <c>organisation/name</c>.</exception>
    public static void CheckId(string id)
    {
        if (!IsId(id))
        {
            throw new ArgumentException(
                $"Hub id: expected 'organisation/name' of letters, digits, '-', '_' and '.', got '{id}'.", nameof(id));
        }
    }

    /// <exception cref="ArgumentException">Not a branch, tag, commit or <c>refs/pr/N</c>.</exception>
    public static void CheckRevision(string revision)
    {
        if (!RevisionPattern().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"Hub revision: expected a branch, a tag, a commit or 'refs/pr/N', got '{revision}'.",
                nameof(revision));
        }
    }

    /// <summary>A file's path inside a repository is safe to be one inside a folder.</summary>
    public static bool IsSafeFile(string file) =>
        FilePattern().IsMatch(file) && !file.Split('/').Any(part => part is "" or "." or "..");

    /// <summary>An ETag that can name a blob: a sha256 or git sha1, or what another server uses.</summary>
    public static bool IsSafeEtag(string etag) =>
        EtagPattern().IsMatch(etag) && !etag.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex("^[0-9a-f]{40}\\z")]
    private static partial Regex CommitPattern();

    [GeneratedRegex("^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,95}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,95}\\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*){0,4}\\z")]
    private static partial Regex RevisionPattern();

    [GeneratedRegex("^[A-Za-z0-9_./-]{1,255}\\z")]
    private static partial Regex FilePattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{7,127}\\z")]
    private static partial Regex EtagPattern();
}
