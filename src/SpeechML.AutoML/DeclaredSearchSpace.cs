using Microsoft.ML.SearchSpace;

namespace SpeechML.AutoML;

/// <summary>The search space of an options' class, or a part of it.</summary>
internal static class DeclaredSearchSpace
{
    /// <summary>The declared options, or those named.</summary>
    /// <param name="defaults">What does not vary.</param>
    /// <param name="options">Names; within other options with a dot, or those for all within.</param>
    /// <exception cref="ArgumentException">An option declares no range.</exception>
    public static SearchSpace<TOptions> Of<TOptions>(TOptions defaults, string[] options)
        where TOptions : SpeechTrainingOptions, new()
    {
        ArgumentNullException.ThrowIfNull(options);
        var space = new SearchSpace<TOptions>(defaults);
        if (options.Length == 0)
        {
            return space;
        }
        string[] known = [.. Names(space, "")];
        if (Array.Find(options, o => !known.Contains(o)) is { } unknown)
        {
            throw new ArgumentException(
                $"Search space: expected options that declare a range ('{string.Join("', '", known)}'), got " +
                $"'{unknown}'.", nameof(options));
        }
        Keep(space, "", options);
        return space;
    }

    private static IEnumerable<string> Names(SearchSpace space, string prefix) =>
        space.Keys.SelectMany(key => space[key] is SearchSpace nested
            ? [prefix + key, .. Names(nested, $"{prefix}{key}.")] : (string[])[prefix + key]);

    private static void Keep(SearchSpace space, string prefix, string[] options)
    {
        foreach (string key in space.Keys.ToArray())
        {
            string name = prefix + key;
            if (options.Contains(name))
            {
                continue;
            }
            object option = space[key];
            if (option is SearchSpace nested
                && Array.Exists(options, o => o.StartsWith(name + '.', StringComparison.Ordinal)))
            {
                Keep(nested, name + '.', options);
                continue;
            }
            space.Remove(key);
        }
    }
}
