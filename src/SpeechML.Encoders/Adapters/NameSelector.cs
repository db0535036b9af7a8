using System.Text.RegularExpressions;

namespace SpeechML.Encoders.Adapters;

/// <summary>
/// Chooses modules by name: by the ends of their names, or by one regular expression for the whole name.
/// </summary>
internal sealed class NameSelector
{
    private readonly Regex? _pattern;

    private NameSelector(IReadOnlyList<string> names, string? expression)
    {
        Names = names;
        Expression = expression;
        _pattern = expression is null ? null : NamePattern.Whole(expression);
    }

    /// <summary>The ends of names; empty where there is an expression.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The expression, where there is one.</summary>
    public string? Expression { get; }

    public static NameSelector Ends(IReadOnlyList<string> names) => new(names, null);

    public static NameSelector Matching(string expression) => new([], expression);

    /// <summary>Whether a name was given whole.</summary>
    public bool IsWhole(string name) => Names.Contains(name);

    /// <summary>Whether a module of this name is chosen.</summary>
    public bool Selects(string name) => _pattern?.IsMatch(name) ?? Names.Any(end => EndsAt(name, end));

    /// <summary>Whether a name is <paramref name="end"/>, or ends with it after a dot.</summary>
    public static bool EndsAt(string name, string end) =>
        name == end || (name.Length > end.Length && name[name.Length - end.Length - 1] == '.'
            && name.EndsWith(end, StringComparison.Ordinal));
}
