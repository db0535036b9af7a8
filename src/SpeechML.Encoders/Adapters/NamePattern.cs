using System.Text.RegularExpressions;

namespace SpeechML.Encoders.Adapters;

/// <summary>
/// Regular expressions for module names, as PEFT's configurations have them (Python's <c>re</c>; what is used there
/// means the same here).
/// </summary>
internal static class NamePattern
{
    // An expression may come from a file; without a limit it could run for ever.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    /// <summary>Matches a whole name (Python's <c>re.fullmatch</c>).</summary>
    public static Regex Whole(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, s_longest);

    /// <summary>Matches the end of a name, from a dot or its beginning on (PEFT's <c>get_pattern_key</c>).</summary>
    public static Regex End(string pattern) =>
        new($@"\A(?:(.*\.)?({pattern}))\z", RegexOptions.CultureInvariant, s_longest);

    /// <summary>
    /// Finds the number after the name of the list of layers (PEFT's <c>check_target_module_exists</c>).
    /// </summary>
    /// <param name="list">The name, an expression; <see langword="null"/> for any.</param>
    public static Regex Layer(string? list) =>
        new($@"\A.*\.{list ?? "[^.]*"}\.(\d+)\.", RegexOptions.CultureInvariant, s_longest);

    public static bool IsValid(string pattern)
    {
        try
        {
            _ = End(pattern);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
