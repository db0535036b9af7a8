using System.Security.Cryptography;
using System.Text;

namespace SpeechML.Runs;

/// <summary>Names that a user gives, as they can stand in a file's name on every system.</summary>
internal static class RunSlug
{
    private const int MaxLength = 60;

    /// <summary>
    /// The name itself where it has only small ASCII letters, digits, <c>-</c> and <c>_</c>; else those of it, other
    /// characters as <c>-</c>, and eight digits of its SHA-256, so that different names stay different.
    /// </summary>
    public static string Of(string name)
    {
        var slug = new StringBuilder();
        foreach (char c in name.ToLowerInvariant().Take(MaxLength))
        {
            slug.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '-');
        }
        string text = slug.ToString();
        return text == name && text.Length > 0 ? text
            : $"{text}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";
    }

    /// <summary>
    /// Whether a name that a file gives stays below the folder that it is in: no root, no drive, no way up.
    /// </summary>
    public static bool IsBelow(string file) =>
        file.Length > 0 && !file.Contains(':', StringComparison.Ordinal)
        && !file.Contains('\\', StringComparison.Ordinal)
        && !file.Split('/').Any(part => part is "" or "." or "..");
}
