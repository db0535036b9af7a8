using System.Collections.Concurrent;

namespace SpeechML;

/// <summary>
/// The stores by the scheme of their addresses: what makes <c>gs://bucket/name</c> work wherever a path is taken.
/// </summary>
public static class ObjectStores
{
    private const string Separator = "://";

    private static readonly ConcurrentDictionary<string, IObjectStore> s_stores =
        new(StringComparer.OrdinalIgnoreCase) { ["file"] = LocalStore.Instance };

    /// <summary>Registers the store of a scheme for the whole process; an earlier one is replaced.</summary>
    /// <param name="scheme">What stands before <c>://</c>: <c>gs</c>.</param>
    /// <param name="store">The store.</param>
    /// <exception cref="ArgumentException">The scheme is not one.</exception>
    public static void Register(string scheme, IObjectStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!IsScheme(scheme))
        {
            throw new ArgumentException(
                $"Scheme of a store: expected two or more letters, digits, '+', '-' or '.', as 'gs', got '{scheme}'.",
                nameof(scheme));
        }
        s_stores[scheme] = store;
    }

    /// <summary>Takes a scheme's store away again.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Unregister(string scheme) => s_stores.TryRemove(scheme, out _);

    /// <summary>The store of an address, or of a path on this machine.</summary>
    /// <exception cref="StorageException">No store is registered for the scheme: the message says what to reference and
    /// what to call.</exception>
    public static IObjectStore For(string path)
    {
        if (SchemeOf(path) is not { } scheme)
        {
            return LocalStore.Instance;
        }
        if (s_stores.TryGetValue(scheme, out IObjectStore? store))
        {
            return store;
        }
        string advice = scheme.Equals("gs", StringComparison.OrdinalIgnoreCase)
            ? "Reference the package SpeechML.GoogleCloud and call GoogleCloudStorage.Register() once, before the " +
                "first path is used."
            : $"Schemes with a store are '{string.Join("', '", s_stores.Keys.Order(StringComparer.Ordinal))}'; " +
                $"ObjectStores.Register adds another.";
        throw new StorageException(
            StorageErrorKind.Invalid, path,
            $"expected a store registered for '{scheme}{Separator}', got none. {advice}");
    }

    /// <summary>The scheme of an address; <see langword="null"/> for a path (a drive letter is none).</summary>
    internal static string? SchemeOf(string? path)
    {
        int at = path?.IndexOf(Separator, StringComparison.Ordinal) ?? -1;
        return at > 0 && IsScheme(path![..at]) ? path[..at] : null;
    }

    private static bool IsScheme(string? text) =>
        text is { Length: >= 2 } && char.IsAsciiLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.');
}
