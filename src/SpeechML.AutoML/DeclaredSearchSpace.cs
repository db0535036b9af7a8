using System.Reflection;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using SpeechML.Sweeps.Space;

namespace SpeechML.AutoML;

/// <summary>The search space of an options' class, or a part of it.</summary>
internal static class DeclaredSearchSpace
{
    /// <summary>The declared options, or those named; the search begins at the defaults.</summary>
    /// <param name="defaults">What does not vary, and the first point of what does, where it lies in the range.</param>
    /// <param name="options">Names; within other options with a dot, or those for all within.</param>
    /// <exception cref="ArgumentException">An option declares no range.</exception>
    public static SearchSpace<TOptions> Of<TOptions>(TOptions defaults, string[] options)
        where TOptions : SpeechTrainingOptions, new()
    {
        ArgumentNullException.ThrowIfNull(options);
        var space = new SearchSpace<TOptions>(defaults);
        BeginAt(space, defaults);
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

    /// <summary>
    /// AutoML takes the first point from the attributes, whatever the defaults: each option is replaced by one whose
    /// default is the user's value.
    /// </summary>
    private static void BeginAt(SearchSpace space, object defaults)
    {
        foreach (OptionPath option in DeclaredOptions.Of(defaults.GetType()))
        {
            string[] steps = option.Name.Split('.');
            SearchSpace? owner = space;
            foreach (string step in steps.SkipLast(1))
            {
                owner = owner is not null && owner.ContainsKey(step) ? owner[step] as SearchSpace : null;
            }
            if (owner is not null && owner.ContainsKey(steps[^1])
                && Begun(option.Property, SweepOption.Find(defaults.GetType(), option.Name).Get(defaults)) is { } begun)
            {
                owner[steps[^1]] = begun;
            }
        }
    }

    /// <summary>The option with that default; <see langword="null"/> where the value is not among its own.</summary>
    private static OptionBase? Begun(PropertyInfo property, object? value)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            return (range.Min, range.Max, value) switch
            {
                (int min, int max, int number) when number >= min && number <= max =>
                    new UniformIntOption(min, max, range.LogBase, number),
                (float min, float max, float number) when number >= min && number <= max =>
                    new UniformSingleOption(min, max, range.LogBase, number),
                (double min, double max, double number) when number >= min && number <= max =>
                    new UniformDoubleOption(min, max, range.LogBase, number),
                _ => null,
            };
        }
        object[] choices = property.GetCustomAttribute<ChoiceAttribute>()?.Candidates ?? [true, false];
        return value is not null && choices.Contains(value) ? new ChoiceOption(choices, value) : null;
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
