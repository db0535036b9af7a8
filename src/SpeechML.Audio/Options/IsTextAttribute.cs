namespace SpeechML.Audio.Options;

/// <summary>
/// An option's text must be there; of a list, each. An option that may be <see langword="null"/> may be that.
/// </summary>
/// <param name="expected">What the text is, for messages and pages: "a column name".</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IsTextAttribute(string expected) : Attribute
{
    public string Expected => expected;

    /// <summary>Whether it may be empty, which <see langword="null"/> is not. The default is no.</summary>
    public bool MayBeEmpty { get; set; }

    public bool Accepts(string? value) => MayBeEmpty ? value is not null : !string.IsNullOrWhiteSpace(value);
}
