namespace SpeechML.Audio.Options;

/// <summary>The option bears on the result but is a sweep's own to set: its seeds, and what is compared.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotVariedAttribute : Attribute;
