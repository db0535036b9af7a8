namespace SpeechML.Audio.Options;

/// <summary>
/// Whatever the option is, the trained weights and the figures are the same: where and how often to save, how much
/// memory to take, how
/// columns are called. Such options identify no run and are not varied by a sweep. On a class: so are all its options.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
internal sealed class DoesNotAffectResultAttribute : Attribute;
