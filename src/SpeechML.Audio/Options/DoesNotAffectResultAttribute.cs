namespace SpeechML.Audio.Options;

/// <summary>
/// Whatever the option is, the trained weights are the same: where and how often to save, how much memory to take, how
/// columns are called. Such options identify no run and are not varied by a sweep.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DoesNotAffectResultAttribute : Attribute;
