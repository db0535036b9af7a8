namespace SpeechML;

/// <summary>
/// Decoders of formats that SpeechML does not decode by itself, for the whole process. They are asked, in the order of
/// their registration, about files that would be refused otherwise: formats that are decoded here stay here.
/// </summary>
public static class AudioDecoders
{
    private static readonly Lock s_lock = new();
    private static volatile State s_state = new([], []);

    /// <summary>The names of the registered decoders.</summary>
    public static IReadOnlyList<string> Names => Array.ConvertAll(s_state.Decoders, d => d.Name);

    /// <summary>The extensions of their formats.</summary>
    internal static IReadOnlyList<string> Extensions => s_state.Extensions;

    /// <summary>Registers a decoder; an earlier one of the same name is replaced.</summary>
    /// <exception cref="ArgumentException">The name is empty, or an extension does not begin with a dot.</exception>
    public static void Register(IAudioDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        if (string.IsNullOrWhiteSpace(decoder.Name))
        {
            throw new ArgumentException("Audio decoder: expected a name, got an empty one.", nameof(decoder));
        }
        if (decoder.Extensions.FirstOrDefault(e => e.Length < 2 || e[0] != '.') is { } bad)
        {
            throw new ArgumentException(
                $"Audio decoder '{decoder.Name}': expected extensions that begin with a dot, as '.m4a', got '{bad}'.",
                nameof(decoder));
        }
        Change(all => all.Any(d => d.Name == decoder.Name)
            ? [.. all.Select(d => d.Name == decoder.Name ? decoder : d)] : [.. all, decoder]);
    }

    /// <summary>Takes a decoder away again.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Unregister(string name) => Change(all => [.. all.Where(d => d.Name != name)]);

    /// <summary>The first decoder that knows a file; <see langword="null"/> where none does.</summary>
    internal static IAudioDecoder? Find(ReadOnlySpan<byte> start)
    {
        foreach (IAudioDecoder decoder in s_state.Decoders)
        {
            if (decoder.Recognizes(start))
            {
                return decoder;
            }
        }
        return null;
    }

    private static bool Change(Func<IAudioDecoder[], IAudioDecoder[]> change)
    {
        lock (s_lock)
        {
            IAudioDecoder[] decoders = change(s_state.Decoders);
            bool isOther = decoders.Length != s_state.Decoders.Length;
            s_state = new State(decoders,
                [.. decoders.SelectMany(d => d.Extensions).Distinct(StringComparer.OrdinalIgnoreCase)]);
            return isOther;
        }
    }

    private sealed record State(IAudioDecoder[] Decoders, string[] Extensions);
}
