using SpeechML.Encoders;

namespace SpeechML;

/// <summary>A pretrained encoder that has a short name.</summary>
/// <param name="Name">The short name.</param>
/// <param name="HubId">Its id on the Hugging Face Hub.</param>
/// <param name="Config">Its facts, known before anything is downloaded; once loaded, those of its <c>config.json</c>
/// count.</param>
public sealed record EncoderEntry(string Name, string HubId, EncoderConfig Config);

/// <summary>Short names of pretrained encoders.</summary>
public static class EncoderRegistry
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<EncoderEntry> Known { get; } = [.. EncoderFamily.All.SelectMany(f => f.Known)];

    /// <summary>The short names, for messages.</summary>
    internal static string KnownNames => string.Join(", ", Known.Select(known => $"'{known.Name}'"));

    /// <summary>The encoder of a short name, or <see langword="null"/>.</summary>
    public static EncoderEntry? Find(string name) =>
        Known.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
