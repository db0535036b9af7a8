using System.CommandLine;

namespace SpeechML.Tool.Cli;

/// <summary>
/// The options of a configuration file on the command line. Their names, descriptions and defaults are those of
/// <see cref="SpeechConfig.Options"/>; where no other option has the rest of a name, the prefix <c>trainer.</c> or
/// <c>columns.</c> may be left out.
/// </summary>
/// <typeparam name="T">The class of configuration.</typeparam>
internal sealed class ConfigArguments<T> : IOptionGroups
    where T : class
{
    private const string OneOf = "one of ";

    private static readonly string[] s_prefixes = ["--trainer.", "--columns."];
    private readonly Dictionary<string, (ConfigOption Config, Option<string[]> Option)> _options = [];
    private readonly Func<string, string> _groupOf;

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command; its own options are there already.</param>
    /// <param name="groupOf">The group of the help that a path is in.</param>
    public ConfigArguments(Command command, Func<string, string> groupOf)
    {
        _groupOf = groupOf;
        IReadOnlyList<ConfigOption> all = SpeechConfig.Options<T>();
        foreach (ConfigOption config in all)
        {
            var option = new Option<string[]>(config.Name)
            {
                Description = config.Summary.Length > 0 ? config.Summary : config.Description,
                AllowMultipleArgumentsPerToken = config.IsList,
                Arity = config.IsList || config.IsFlag ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
            };
            option.CompletionSources.Add(Words(config));
            _options.Add(config.Path, (config, option));
            command.Options.Add(option);
        }
    }

    /// <summary>Lets prefixes be left out; called once all options are there.</summary>
    public void Shorten(Command command)
    {
        var taken = command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)).ToHashSet();
        foreach ((ConfigOption config, Option<string[]> option) in _options.Values)
        {
            if (s_prefixes.FirstOrDefault(p => config.Name.StartsWith(p, StringComparison.Ordinal)) is { } prefix
                && taken.Add($"--{config.Name[prefix.Length..]}"))
            {
                option.Aliases.Add($"--{config.Name[prefix.Length..]}");
            }
        }
    }

    /// <summary>What the command line gives, by path.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Given(ParseResult parsed) =>
        _options.Where(o => parsed.GetResult(o.Value.Option) is { Implicit: false })
            .ToDictionary(o => o.Key, o => (IReadOnlyList<string>)(parsed.GetValue(o.Value.Option) ?? []));

    /// <summary>Reads the configuration from a file and the command line, or from the command line alone.</summary>
    public T Read(ParseResult parsed, string? file) => file is null
        ? SpeechConfig.Parse<T>("{}", "command line", Given(parsed)) : SpeechConfig.Load<T>(file, Given(parsed));

    /// <summary>What a shell completes: the names that there are; files where it is none of these.</summary>
    private static string[] Words(ConfigOption config) => config.Path switch
    {
        "trainer.encoder" => [.. EncoderRegistry.Known.Select(e => e.Name)],
        "trainer.freezing" => [.. LayerFreezing.Words],
        _ when config.IsFlag => ["true", "false"],
        _ => [.. config.Expected.Split(" | ").Where(e => e.StartsWith(OneOf, StringComparison.Ordinal))
            .SelectMany(e => e[OneOf.Length..].Split(", ")).Distinct()],
    };

    public IEnumerable<IGrouping<string, HelpLine>> Groups => _options.Values.GroupBy(
        o => _groupOf(o.Config.Path),
        o => new HelpLine(o.Option.Aliases.FirstOrDefault() ?? o.Option.Name, o.Config.Expected, o.Config.Summary,
            o.Config.Default));
}
