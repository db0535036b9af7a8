using SpeechML.Audio.Common;

namespace SpeechML.Audio.Options;

/// <summary>What an option chooses by name: the library's own, then what was registered.</summary>
/// <param name="role">What is named, for messages: "Pooling".</param>
/// <param name="register">What registers a name, for messages: "SpeechPooling.Register".</param>
internal sealed class NameRegistry<T>(string role, string register)
    where T : class
{
    private readonly Lock _lock = new();
    private volatile KeyValuePair<string, T>[] _all = [];

    /// <summary>The names, in the order of their registration.</summary>
    public IReadOnlyList<string> Names => Array.ConvertAll(_all, p => p.Key);

    /// <summary>Adds a name.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is none, or is taken.</exception>
    public string Add(string name, T value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || !name.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException(
                $"{role} name: expected a letter, then letters and digits, got '{ShortText.Of(name)}'.", nameof(name));
        }
        lock (_lock)
        {
            if (Find(name) is { } taken)
            {
                throw new ArgumentException(
                    $"{role} '{name}': expected a name that no other has, but '{taken.Key}' is registered.",
                    nameof(name));
            }
            _all = [.. _all, KeyValuePair.Create(name, value)];
        }
        return name;
    }

    /// <summary>The name as it was registered, whose case does not matter; one that is not known as it is.</summary>
    public string NameOf(string? name) => Find(name ?? "")?.Key ?? name ?? "";

    /// <summary>What has the name.</summary>
    /// <exception cref="InvalidOperationException">Nothing has.</exception>
    public T Get(string name) => Find(name)?.Value ?? throw new InvalidOperationException(
        $"{role} '{ShortText.Of(name)}': expected one of {string.Join(", ", Names)}, got a name that is not " +
        $"registered. Call {register}(\"{ShortText.Of(name)}\", ...) first, also before a model with it is loaded.");

    private KeyValuePair<string, T>? Find(string name)
    {
        int at = Array.FindIndex(_all, p => string.Equals(p.Key, name, StringComparison.OrdinalIgnoreCase));
        return at < 0 ? null : _all[at];
    }
}
