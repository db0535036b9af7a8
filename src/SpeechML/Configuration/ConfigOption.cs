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

    internal static string NameOf(string path) =>
        "--" + string.Join('.', path.Split('.').Select(JsonNamingPolicy.KebabCaseLower.ConvertName));

    /// <summary>All options of a class of configurations, with those of every variant.</summary>
    internal static IReadOnlyList<ConfigOption> Of(Type type) =>
        [.. Walk(OptionModel.Of(type).Create(), "", allVariants: true).GroupBy(o => o.Path, StringComparer.Ordinal)
            .Select(g => g.First() with { Description =
                string.Join(" | ", g.Select(o => o.Description).Distinct(StringComparer.Ordinal)) })];

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
                yield return new ConfigOption(
                    at, Describe(option, value), OptionTypes.ElementOf(option.Type) is not null,
                    OptionTypes.Plain(option.Type) == typeof(bool));
                continue;
            }
            if (option.MayBeNull)
            {
                yield return new ConfigOption(
                    at, "true (with the defaults below) or false", IsList: false, IsFlag: true);
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

    private static string Describe(Option option, object? standard)
    {
        string expected = option.Kind;
        string text = standard is null ? expected
            : $"{expected}; {JsonSerializer.Serialize(standard, option.Type, ConfigReader.Line)}";
        return option.Summary.Length > 0 ? $"{option.Summary} ({text})" : text;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Description})");
}
