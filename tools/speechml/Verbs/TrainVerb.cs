using System.CommandLine;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>
/// Trains by two configuration files, by options, or both:
/// <c>speechml train --load-config load.json --model-config model.json --output runs/1</c>.
/// </summary>
internal sealed class TrainVerb : IVerb
{
    private const int DebugClips = 60;

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Folder for the run, on a disk or in a bucket; must not exist",
        HelpName = "folder",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Goes on with the run in the output folder, by its own configuration",
    };

    private readonly Option<bool> _debug = new("--debug")
    {
        Description = "A few clips and one epoch, to see whether it runs",
    };

    private readonly Option<DirectoryInfo?> _schemas = new("--write-schemas")
    {
        Description = "Writes load.schema.json and model.schema.json into a folder, and ends",
        HelpName = "folder",
    };

    public int Order => 2;

    public Command Create()
    {
        var command = new Command("train", "Fine-tunes an encoder, evaluates it on other subjects, writes a report.")
        { _output, _resume, _debug, _schemas };
        var config = new RunConfig(command);
        command.SetVerb((parsed, output, cancellation) => Run(config, parsed, output, cancellation),
            parsed => parsed.GetValue(_output) is { } folder && ConfiguredRun.Exists(ConfiguredRun.Whole(folder))
                ? "The same command with --resume" : null);
        return command;
    }

    private int Run(RunConfig config, ParseResult parsed, ToolOutput output, CancellationToken cancellation)
    {
        if (config.WritesHelp(parsed))
        {
            return ExitCode.Done;
        }
        if (parsed.GetValue(_schemas) is { } folder)
        {
            WriteSchemas(folder);
            return ExitCode.Done;
        }
        string target = parsed.GetValue(_output) is { } given ? ConfiguredRun.Whole(given)
            : throw new UsageException("Command line: expected --output with the folder of the run, got none.");
        bool resume = parsed.GetValue(_resume);
        if (resume != ConfiguredRun.Exists(target))
        {
            string expected = resume ? "the folder of an earlier run, got none"
                : "one that does not exist, or --resume, got a folder that is there";
            throw new InvalidDataException($"Output folder '{target}': expected {expected}.");
        }
        SpeechLoadConfig load =
            config.Load(parsed, resume ? StoragePath.Combine(target, ConfiguredRun.LoadFile) : null);
        SpeechModelConfig model =
            config.Model(parsed, resume ? StoragePath.Combine(target, ConfiguredRun.ModelFile) : null);
        if (parsed.GetValue(_debug))
        {
            (load.MaxClips, model.Trainer.Epochs) = (DebugClips, 1);
        }
        new ConfiguredRun(load, model, target, resume, output).Train(cancellation).Write(output);
        return ExitCode.Done;
    }

    private static void WriteSchemas(DirectoryInfo folder)
    {
        folder.Create();
        File.WriteAllText(Path.Combine(folder.FullName, "load.schema.json"), SpeechConfig.Schema<SpeechLoadConfig>());
        File.WriteAllText(Path.Combine(folder.FullName, "model.schema.json"), SpeechConfig.Schema<SpeechModelConfig>());
    }
}
