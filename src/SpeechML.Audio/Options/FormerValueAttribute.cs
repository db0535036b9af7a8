namespace SpeechML.Audio.Options;

/// <summary>A value that the option had in files of an earlier version.</summary>
/// <param name="value">The value then.</param>
/// <param name="now">The value that means the same now.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class FormerValueAttribute(string value, string now) : Attribute
{
    public string Now => now;

    /// <summary>Whether a file says the former value, in any case, as today's values are read.</summary>
    public bool Was(string text) => string.Equals(text, value, StringComparison.OrdinalIgnoreCase);
}
