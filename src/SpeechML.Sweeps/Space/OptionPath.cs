using System.Reflection;
using SpeechML.Audio.Common;

namespace SpeechML.Sweeps.Space;

/// <summary>An option by its name, perhaps within another option: <c>Lora.Rank</c>.</summary>
internal sealed class OptionPath
{
    private readonly PropertyInfo[] _steps;

    private OptionPath(string name, PropertyInfo[] steps)
    {
        Name = name;
        _steps = steps;
    }

    public string Name { get; }

    public PropertyInfo Property => _steps[^1];

    public Type Type => Property.PropertyType;

    /// <summary>The options that it is within.</summary>
    public IEnumerable<PropertyInfo> Owners => _steps.SkipLast(1);

    /// <summary>Finds an option of a class.</summary>
    /// <exception cref="ArgumentException">There is none of that name; names the nearest.</exception>
    public static OptionPath Find(Type options, string name)
    {
        List<OptionPath> all = [.. All(options, "", [])];
        return all.Find(o => o.Name == name)
            ?? throw new ArgumentException(
                $"Sweep parameter '{name}': expected the name of an option of {options.Name}, nearest is " +
                $"'{Nearest(all, name)}'; options within options have a dot, as " +
                $"'{all.Find(o => o.Name.Contains('.', StringComparison.Ordinal))?.Name}'.");
    }

    /// <summary>Every option of a class, those within others after them.</summary>
    public static IEnumerable<OptionPath> All(Type options) => All(options, "", []);

    public static bool Exists(Type options, string name) => All(options, "", []).Any(o => o.Name == name);

    public object? Get(object options) => Property.GetValue(Owner(options));

    public void Set(object options, object value) => Property.SetValue(Owner(options), value);

    private object Owner(object options) =>
        _steps.SkipLast(1).Aggregate(options, (owner, step) => step.GetValue(owner)!);

    private static IEnumerable<OptionPath> All(Type type, string prefix, PropertyInfo[] before)
    {
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0))
        {
            bool nested = property.PropertyType.IsClass && property.PropertyType != typeof(string);
            if (!nested)
            {
                yield return new OptionPath(prefix + property.Name, [.. before, property]);
                continue;
            }
            foreach (OptionPath inner in All(property.PropertyType, $"{prefix}{property.Name}.", [.. before, property]))
            {
                yield return inner;
            }
        }
    }

    /// <summary>An option within options by its own name (<c>Rank</c> is <c>Lora.Rank</c>), else nearest.</summary>
    private static string Nearest(List<OptionPath> all, string name) =>
        all.Find(o => o.Name.EndsWith('.' + name, StringComparison.OrdinalIgnoreCase))?.Name
            ?? NearestName.Find(name, all.Select(o => o.Name));
}
