using SpeechML.Audio.Options;

namespace SpeechML.Sweeps.Space;

/// <summary>Options by the names that users give to parameters of a sweep.</summary>
internal static class SweepOption
{
    /// <summary>Finds an option of a class.</summary>
    /// <exception cref="ArgumentException">There is none of that name; names the nearest.</exception>
    public static OptionPath Find(Type options, string name)
    {
        OptionModel model = OptionModel.Of(options);
        return model.Find(name)
            ?? throw new ArgumentException(
                $"Sweep parameter '{name}': expected the name of an option of {options.Name}" +
                (Nearest(model, name) is { Length: > 0 } near ? $", nearest is '{near}'" : "") +
                "; options within options have a dot, as " +
                $"'{model.Paths.FirstOrDefault(o => o.Prefix.Length > 0)?.Name}'.");
    }

    // A name without its group is nearest to the option that ends with it.
    private static string? Nearest(OptionModel model, string name) =>
        model.Paths.FirstOrDefault(o => o.Name.EndsWith('.' + name, StringComparison.OrdinalIgnoreCase))?.Name
            ?? NearestName.Find(name, model.Paths.Select(o => o.Name));
}
