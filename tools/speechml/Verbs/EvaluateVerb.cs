using System.CommandLine;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Evaluates the model of a run again, and writes its report anew.</summary>
internal sealed class EvaluateVerb : IVerb
{
    private readonly Argument<string> _run = new("run")
    {
        Description = "The folder of a run, on a disk or in a bucket",
    };

    public int Order => 3;

    public Command Create()
    {
        var command = new Command(
            "evaluate", "Evaluates the model of a run again, on the parts that it did not learn from.")
        { _run };
        command.SetVerb((parsed, output, cancellation) =>
        {
            string folder = SavedModel.FindRun(parsed.GetValue(_run)!, "evaluate it on");
            if (!StoragePath.Exists(StoragePath.Combine(folder, ConfiguredRun.LoadFile)))
            {
                throw new InvalidDataException(
                    $"Run '{folder}': expected {ConfiguredRun.LoadFile}, in which train writes what data a run has, " +
                    "got none: a program made this run, and evaluates it by run.Evaluate.");
            }
            var load = SpeechConfig.Load<SpeechLoadConfig>(StoragePath.Combine(folder, ConfiguredRun.LoadFile));
            var model = SpeechConfig.Load<SpeechModelConfig>(StoragePath.Combine(folder, ConfiguredRun.ModelFile));
            new ConfiguredRun(load, model, folder, resumes: true, output).Evaluate(cancellation).Write(output);
            return ExitCode.Done;
        });
        return command;
    }
}
