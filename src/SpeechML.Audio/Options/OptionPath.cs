using System.Reflection;

namespace SpeechML.Audio.Options;

/// <summary>An option by its name, perhaps within a group: <c>Lora.Rank</c>.</summary>
internal sealed class OptionPath
{
    private readonly Option[] _steps;

    internal OptionPath(IEnumerable<Option> steps)
    {
        _steps = [.. steps];
        Name = string.Join('.', _steps.Select(s => s.Name));
        Key = string.Join('.', _steps.Select(s => s.Key));
    }

    /// <summary>As in code: <c>Lora.Rank</c>.</summary>
    public string Name { get; }

    /// <summary>As in files: <c>lora.rank</c>.</summary>
    public string Key { get; }

    public Option Option => _steps[^1];

    public PropertyInfo Property => Option.Property;

    public Type Type => Option.Type;

    /// <summary>The groups that it is within, the outermost first.</summary>
    public IEnumerable<Option> Groups => _steps.SkipLast(1);

    /// <summary>The name of its group with a dot; empty at the top.</summary>
    public string Prefix => Name[..^Option.Name.Length];

    /// <summary>Whether trained weights depend on it.</summary>
    public bool AffectsResult => Array.TrueForAll(_steps, s => s.AffectsResult);

    /// <summary>Whether a sweep may vary it.</summary>
    public bool IsVaried => Array.TrueForAll(_steps, s => s.IsVaried);

    /// <summary>The value; <see langword="null"/> also where the group is not there.</summary>
    public object? Get(object options)
    {
        object? value = options;
        foreach (Option step in _steps)
        {
            value = value is null ? null : step.Property.GetValue(value);
        }
        return value;
    }

    public void Set(object options, object? value) =>
        Property.SetValue(_steps.SkipLast(1).Aggregate(options, (owner, step) => step.Property.GetValue(owner)!),
            value);
}
