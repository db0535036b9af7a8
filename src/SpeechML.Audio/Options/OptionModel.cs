using System.Collections.Concurrent;
using System.Reflection;

namespace SpeechML.Audio.Options;

/// <summary>
/// What there is to know about a class of options, read once from its properties and their attributes: validation,
/// files, command line, sweeps, the identity of a run and the page of options all go by it.
/// </summary>
internal sealed class OptionModel
{
    private static readonly ConcurrentDictionary<Type, OptionModel> s_models = new();

    private OptionModel(Type type)
    {
        Type = type;
        Members = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetMethod?.IsPublic == true && p.SetMethod?.IsPublic == true
                && p.GetIndexParameters().Length == 0)
            .OrderBy(p => Depth(p.DeclaringType!)).ThenBy(p => p.MetadataToken)
            .Select(p => new Option(p))];
        if (Members.FirstOrDefault(m => m.IsGroup && !OptionTypes.IsGroup(m.Type)) is { } odd)
        {
            throw new NotSupportedException(
                $"Options of {type.Name}: expected {odd.Name} to be a text, number, flag, enum, list of such, or a " +
                $"class of SpeechML with a constructor without parameters, got {odd.Type}.");
        }
        Paths = [.. Walk(this, [])];
    }

    public Type Type { get; }

    /// <summary>The options of the class, the base class's first, in the order of the source.</summary>
    public IReadOnlyList<Option> Members { get; }

    /// <summary>Every value, those of groups where their group is.</summary>
    public IReadOnlyList<OptionPath> Paths { get; }

    /// <summary>Names of earlier versions, with what they are now.</summary>
    public IEnumerable<(FormerNameAttribute Former, OptionPath Now)> FormerNames =>
        Paths.SelectMany(p => p.Option.FormerNames.Select(f => (f, p)));

    /// <exception cref="NotSupportedException">A property of a type that no file can hold.</exception>
    public static OptionModel Of(Type type) => s_models.GetOrAdd(type, t => new OptionModel(t));

    /// <summary>A new object; members that are required are still unset.</summary>
    public object Create() => Activator.CreateInstance(Type)!;

    public Option? Member(string key) => Members.FirstOrDefault(m => m.Key == key);

    /// <summary>The option of a name; <see langword="null"/> where there is none.</summary>
    public OptionPath? Find(string name) => Paths.FirstOrDefault(p => p.Name == name);

    /// <summary>Throws for the first option that is not valid.</summary>
    /// <param name="options">An object of the class.</param>
    /// <param name="prefix">The group's name with a dot; empty at the top.</param>
    /// <exception cref="ArgumentException">Names the option, what is expected and what it is.</exception>
    public void Validate(object options, string prefix = "")
    {
        foreach (Option member in Members)
        {
            object? value = member.Property.GetValue(options);
            member.Check(value, prefix + member.Name);
            if (member.IsGroup && value is not null)
            {
                Of(value.GetType()).Validate(value, $"{prefix}{member.Name}.");
            }
        }
    }

    private static IEnumerable<OptionPath> Walk(OptionModel model, Option[] before) =>
        model.Members.SelectMany(member => member.IsGroup
            ? Walk(Of(member.Type), [.. before, member]) : [new OptionPath([.. before, member])]);

    private static int Depth(Type type) => type.BaseType is null ? 0 : 1 + Depth(type.BaseType);
}
