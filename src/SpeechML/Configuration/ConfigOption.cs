using System.Globalization;
using System.Text.Json;
using SpeechML.Configuration;

namespace SpeechML;

/// <summary>A value of a configuration as an option of a command line.</summary>
/// <param name="Path">Its place: <c>trainer.head.dropout</c>.</param>
/// <param name="Description">What is expected, and what it is if not given.</param>
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
        [.. Walk(ConfigProperty.Create(type), "", allVariants: true).GroupBy(o => o.Path, StringComparer.Ordinal)
            .Select(g => g.First() with { Description =
                string.Join(" | ", g.Select(o => o.Description).Distinct(StringComparer.Ordinal)) })];

    /// <summary>The paths of one configuration.</summary>
    internal static IEnumerable<string> PathsOf(object config) =>
        Walk(config, "", allVariants: false).Select(o => o.Path);

    private static IEnumerable<ConfigOption> Walk(object owner, string path, bool allVariants)
    {
        foreach (ConfigProperty property in ConfigProperty.Of(owner.GetType()))
        {
            Type type = property.Property.PropertyType;
            string at = path + property.Key;
            object? value = property.Property.GetValue(owner);
            if (ConfigValue.IsValue(type))
            {
                string standard = value is null ? "" : $"; {ConfigValue.ToJson(value)!.ToJsonString()}";
                yield return new ConfigOption(
                    at, ConfigValue.Describe(type) + standard, ConfigValue.ElementOf(type) is not null,
                    ConfigValue.Plain(type) == typeof(bool));
                continue;
            }
            if (property.MayBeNull)
            {
                yield return new ConfigOption(
                    at, "true (with the defaults below) or false", IsList: false, IsFlag: true);
            }
            IEnumerable<Type> types = property.IsVariant && allVariants
                ? ((IConfigVariants)owner).AllTypesOf(property.Property.Name).Values : [property.ObjectType(owner)];
            foreach (ConfigOption below in types.SelectMany(t =>
                Walk(value?.GetType() == t ? value : ConfigProperty.Create(t), at + ".", allVariants)))
            {
                yield return below;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Description})");
}
