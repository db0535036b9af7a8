namespace SpeechML.Audio.Options;

/// <summary>
/// The option is an object that no file can hold (a clock, an observer, credentials): code gives it, or leaves it.
/// </summary>
/// <param name="expected">What it is, for messages and pages: "a clock".</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InCodeOnlyAttribute(string expected) : Attribute
{
    public string Expected => expected;
}
