using SpeechML.Audio.Options;

namespace SpeechML.Configuration;

/// <summary>The group of a configuration whose class is decided by another value.</summary>
internal static class ConfigVariants
{
    /// <summary>The group; <see langword="null"/> where the class has none.</summary>
    public static Option? Of(OptionModel model) =>
        typeof(IConfigVariants).IsAssignableFrom(model.Type) ? model.Members.First(m => m.IsGroup) : null;
}
