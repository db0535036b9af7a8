namespace SpeechML.Audio.Options;

/// <summary>An option's text is one of the names that a class lists, which users can extend.</summary>
/// <param name="list">A class with a static property <c>Names</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IsNameOfAttribute(Type list) : Attribute
{
    private readonly Func<IReadOnlyList<string>> _names =
        list.GetProperty("Names")!.GetMethod!.CreateDelegate<Func<IReadOnlyList<string>>>();

    /// <summary>The names that are registered now.</summary>
    public IReadOnlyList<string> Names => _names();

    public string Expected => $"one of {string.Join(", ", Names)}";

    /// <summary>The name as it was registered; <see langword="null"/> where it is none. Case does not matter.</summary>
    public string? Find(string? text) =>
        Names.FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
}
