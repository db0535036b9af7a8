using System.Globalization;
using System.Text.RegularExpressions;
using SpeechML.Audio.Options;

namespace SpeechML.Sweeps.Tests.Options;

/// <summary>Every public class of options of the product, and what the XML documentation says of each option.</summary>
internal static partial class OptionClasses
{
    public static IReadOnlyList<Type> All { get; } =
    [
        .. new[]
        {
            typeof(MLAudio), typeof(SubjectSplitOptions), typeof(HubOptions), typeof(SpeechTrainingOptions),
            typeof(SpeechSweep), typeof(GoogleCloudStorageOptions), typeof(SpeechClusterOptions), typeof(SpeechReport),
            typeof(SpeechFFmpeg),
        }
            .SelectMany(t => t.Assembly.GetExportedTypes())
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal)
                || t == typeof(SweepSharing) || t == typeof(SpeechLoadConfig) || t == typeof(SpeechModelConfig)
                || t == typeof(SpeechMetadataColumns) || t == typeof(SpeechRunColumns))
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ];

    /// <summary>The options that a class declares itself, those of its base class left out.</summary>
    public static IEnumerable<Option> Own(Type type) =>
        OptionModel.Of(type).Members.Where(m => m.Property.DeclaringType == type);

    /// <summary>The default as the documentation words it; <see langword="null"/> where it names none.</summary>
    public static string? Default(Option option) =>
        Stated().Match(option.Summary) is { Success: true } stated ? stated.Groups["value"].Value
            : Named().Match(option.Summary) is { Success: true } named ? named.Groups["value"].Value : null;

    /// <summary>The default that a new object has, as a number; <see langword="null"/> where it is none.</summary>
    public static double? Number(Option option, object created) => option.Property.GetValue(created) switch
    {
        TimeSpan time => time.TotalSeconds,
        int or long or float or double => Convert.ToDouble(option.Property.GetValue(created),
            CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>A new object, of which nothing comes from the machine's environment.</summary>
    public static object Create(Type type) =>
        type == typeof(HubOptions) ? new HubOptions(_ => null) : OptionModel.Of(type).Create();

    [GeneratedRegex(@"[Tt]he default is (?<value>.+?)(?=\.(\s|$)|[;:]\s|,\s)")]
    private static partial Regex Stated();

    [GeneratedRegex(@"(?<value>[\w.'-]+), the default\b")]
    private static partial Regex Named();
}
