using System.Globalization;
using System.Text.Json;
using SpeechML.Audio.Options;
using SpeechML.Configuration;

namespace SpeechML;

/// <summary>A value of a configuration as an option of a command line.</summary>
/// <param name="Path">Its place: <c>trainer.head.dropout</c>.</param>
/// <param name="Description">What it does, what is expected, and what it is if not given.</param>
/// <param name="IsList">Whether it takes several texts.</param>
/// <param name="IsFlag">Whether it may stand without a text.</param>
public sealed record ConfigOption(string Path, string Description, bool IsList, bool IsFlag)
{
    /// <summary>Its name: <c>--trainer.head.dropout</c>.</summary>
    public string Name => NameOf(Path);

    /// <summary>What it does, alone; empty where the XML documentation is not beside the assembly.</summary>
    public string Summary { get; init; } = "";

    /// <summary>What is expected, alone: <c>a whole number</c>.</summary>
    public string Expected { get; init; } = "";

    /// <summary>What it is if not given, as JSON; <see langword="null"/> for nothing.</summary>
    public string? Default { get; init; }

    internal static string NameOf(string path) =>
        "--" + string.Join('.', path.Split('.').Select(JsonNamingPolicy.KebabCaseLower.ConvertName));

    /// <summary>All options of a class of configurations, with those of every variant.</summary>
    internal static IReadOnlyList<ConfigOption> Of(Type type) =>
        [.. Walk(OptionModel.Of(type).Create(), "", allVariants: true).GroupBy(o => o.Path, StringComparer.Ordinal)
            .Select(g => g.First() with
            {
                Description = Joined(g, o => o.Description),
                Expected = Joined(g, o => o.Expected),
                Default = Joined(g, o => o.Default ?? "") is { Length: > 0 } standard ? standard : null,
            })];

    private static string Joined(IEnumerable<ConfigOption> options, Func<ConfigOption, string> text) =>
        string.Join(" | ", options.Select(text).Distinct(StringComparer.Ordinal));

    /// <summary>The paths of one configuration.</summary>
    internal static IEnumerable<string> PathsOf(object config) =>
        Walk(config, "", allVariants: false).Select(o => o.Path);

    private static IEnumerable<ConfigOption> Walk(object owner, string path, bool allVariants)
    {
        OptionModel model = OptionModel.Of(owner.GetType());
        Option? variant = ConfigVariants.Of(model);
        foreach (Option option in model.Members)
        {
            string at = path + option.Key;
            object? value = option.Property.GetValue(owner);
            if (!option.IsGroup)
            {
                yield return Describe(at, option, value);
                continue;
            }
            if (option.MayBeNull)
            {
                yield return new ConfigOption(
                    at, "true (with the defaults below) or false", IsList: false, IsFlag: true)
                {
                    Summary = option.Summary,
                    Expected = "true or false",
                    Default = value is null ? "false" : "true",
                };
            }
            IEnumerable<Type> types = option != variant ? [option.Type]
                : allVariants ? ((IConfigVariants)owner).AllTypesOf(option.Name).Values : [value!.GetType()];
            foreach (ConfigOption below in types.SelectMany(t => Walk(
                value?.GetType() == t ? value : OptionModel.Of(t).Create(), at + ".", allVariants)))
            {
                yield return below;
            }
        }
    }

    private static ConfigOption Describe(string path, Option option, object? standard)
    {
        string expected = option.Kind;
        string? value = standard is null ? null
            : JsonSerializer.Serialize(standard, option.Type, ConfigReader.Line);
        string text = value is null ? expected : $"{expected}; {value}";
        return new ConfigOption(
            path, option.Summary.Length > 0 ? $"{option.Summary} ({text})" : text,
            OptionTypes.ElementOf(option.Type) is not null, OptionTypes.Plain(option.Type) == typeof(bool))
        {
            Summary = option.Summary,
            Expected = expected,
            Default = value,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Description})");
}
