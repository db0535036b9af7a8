namespace SpeechML.Audio.Options;

/// <summary>
/// A name that the option had in files of an earlier version, on the top level of the options that are read.
/// </summary>
/// <param name="name">The name, as a property's.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class FormerNameAttribute(string name) : Attribute
{
    public string Name => name;

    /// <summary>The value that said nothing, so that it is passed over; <see langword="null"/> for none.</summary>
    public string? Unless { get; set; }

    /// <summary>
    /// What <see cref="Unless"/> meant, where that is no longer the default and the option itself is absent or empty.
    /// </summary>
    public string? UnlessMeans { get; set; }
}
