using System.Reflection;

namespace SpeechML.Tool.Cli;

/// <summary>
/// What a class makes of its own kind without being told more, by the names of these static methods and properties in
/// lower case: a new one is a choice of the command line.
/// </summary>
/// <typeparam name="T">The class, such as <see cref="SweepTuner"/>.</typeparam>
internal sealed class NamedFactories<T>
    where T : class
{
    private readonly SortedDictionary<string, Func<T>> _all = new(StringComparer.Ordinal);

    public NamedFactories()
    {
        foreach (MethodInfo make in typeof(T).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(m => m.ReturnType == typeof(T) && m.GetParameters().All(p => p.HasDefaultValue)))
        {
            string name = make.IsSpecialName ? make.Name["get_".Length..] : make.Name;
            object?[] defaults = [.. make.GetParameters().Select(p => p.DefaultValue)];
            _all[name.ToLowerInvariant()] = () => (T)make.Invoke(null, defaults)!;
        }
    }

    public IReadOnlyCollection<string> Names => _all.Keys;

    public T Create(string name) => _all[name]();

    /// <summary>The names in a sentence: <c>grid, random or tpe</c>.</summary>
    public override string ToString()
    {
        string[] names = [.. _all.Keys];
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }
}
