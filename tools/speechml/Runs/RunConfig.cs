using System.CommandLine;
using System.Text.Json;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Runs;

/// <summary>The two configurations of a run on a command line: by files, by options, or both (options win).</summary>
internal sealed class RunConfig
{
    private static readonly string[] s_data = ["metadataFile", "tasks", "features", "maxClips", "ratingThreshold"];

    private static readonly string[] s_training =
        [.. SpeechConfig.Options<SpeechModelConfig>().Select(o => o.Path.Split('.'))
            .Where(p => p is ["trainer", var name] && IsOfEveryTask(name)).Select(p => p[1])];

    private readonly Option<string?> _loadFile = new("--load-config")
    {
        Description = "A file that says which data (load.json); options win over it",
        HelpName = "file",
    };

    private readonly Option<string?> _modelFile = new("--model-config")
    {
        Description = "A file that says what is learned, by which options (model.json); options win over it",
        HelpName = "file",
    };

    private readonly Option<string?> _help = new("--help-options")
    {
        Description = "Shows a group of the options below",
        HelpName = "group",
    };

    private readonly ConfigArguments<SpeechLoadConfig> _load;
    private readonly ConfigArguments<SpeechModelConfig> _model;
    private readonly Command _command;

    public RunConfig(Command command)
    {
        _command = command;
        command.Options.Add(_loadFile);
        command.Options.Add(_modelFile);
        command.Options.Add(_help);
        _load = new ConfigArguments<SpeechLoadConfig>(command, GroupOfLoad);
        _model = new ConfigArguments<SpeechModelConfig>(command, GroupOfModel);
        _load.Shorten(command);
        _model.Shorten(command);
        ToolHelp.Grouped[command] = [_load, _model];
        _help.CompletionSources.Add([.. ToolHelp.GroupsOf(command).Select(g => g.Key)]);
    }

    /// <summary>Writes the help of a group, where the command line asks for one.</summary>
    public bool WritesHelp(ParseResult parsed)
    {
        if (parsed.GetValue(_help) is not { } group)
        {
            return false;
        }
        Console.Out.Write(ToolHelp.GroupText(_command, group));
        return true;
    }

    /// <summary>Which data, with whole paths.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="own">The file of a run that is there; <see langword="null"/> for none.</param>
    public SpeechLoadConfig Load(ParseResult parsed, string? own = null) =>
        _load.Read(parsed, parsed.GetValue(_loadFile) ?? own).WithFullPaths();

    /// <summary>What is learned.</summary>
    /// <inheritdoc cref="Load" path="/param"/>
    public SpeechModelConfig Model(ParseResult parsed, string? own = null) =>
        _model.Read(parsed, parsed.GetValue(_modelFile) ?? own);

    private static bool IsOfEveryTask(string key) => typeof(SpeechTrainingOptions).GetProperties()
        .Any(p => string.Equals(p.Name, key, StringComparison.OrdinalIgnoreCase));

    private static string GroupOfLoad(string path) => path.Split('.')[0] switch
    {
        "columns" => "columns",
        "split" or "splitFile" or "stratifyColumns" => "split",
        "trimSilence" => "trim-silence",
        "trimToVoice" => "trim-to-voice",
        var top => s_data.Contains(top) ? "data" : "audio",
    };

    private static string GroupOfModel(string path)
    {
        string[] steps = path.Split('.');
        return steps switch
        {
            [_] => "task",
            [_, "encoder" or "keepDownload" or "layers" or "layerCombination" or "whisperContext" or "freezing"
                or "pooling"] => "encoder",
            [_, var name] => s_training.Contains(name) ? "training" : "loss",
            [_, var group, ..] => JsonNamingPolicy.KebabCaseLower.ConvertName(group),
            _ => "task",
        };
    }
}
