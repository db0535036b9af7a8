using System.CommandLine;
using Microsoft.ML;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Writes a trained model for other libraries.</summary>
internal sealed class ExportVerb : IVerb
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "The folder of a run, or a model zip",
        HelpName = "run",
        Required = true,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "A new or empty folder",
        HelpName = "folder",
        Required = true,
    };

    private readonly Option<bool> _merge = new("--merge-adapter")
    {
        Description = "Folds a LoRA adapter into the encoder's weights instead of writing it beside them",
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Replaces files in a folder that is not empty",
    };

    public int Order => 7;

    public Command Create()
    {
        var command = new Command(
            "export", "Writes a trained model as a Hugging Face folder (transformers and PEFT read it).")
        { _model, _output, _merge, _overwrite };
        command.SetVerb((parsed, output, _) =>
        {
            var mlContext = new MLContext();
            ITransformer model = SavedModel.Load(mlContext, SavedModel.Find(parsed.GetValue(_model)!), out DataViewSchema? _);
            using var loaded = model as IDisposable;
            string folder = Path.GetFullPath(parsed.GetValue(_output)!);
            mlContext.Speech().SaveHuggingFace(
                model, folder, parsed.GetValue(_merge), parsed.GetValue(_overwrite));
            output.Line($"model: {folder}");
            output.Result(new { Model = folder });
            return ExitCode.Done;
        });
        return command;
    }
}
