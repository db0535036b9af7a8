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
        Description = SavedModel.Sentence(SavedModel.Taken),
        HelpName = "run",
        Required = true,
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "A new or empty folder; with --onnx a file",
        HelpName = "path",
        Required = true,
    };

    private readonly Option<bool> _merge = new("--merge-adapter")
    {
        Description = "Folds a LoRA adapter into the encoder's weights instead of writing it beside them",
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Replaces files in a folder that is not empty, or the file",
    };

    private readonly Option<bool> _onnx = new("--onnx")
    {
        Description = "Writes one ONNX file, from samples to probabilities, for ONNX Runtime in any language",
    };

    private readonly Option<bool> _half = new("--half")
    {
        Description = "With --onnx: weights in float16, half the size",
    };

    public int Order => 7;

    public Command Create()
    {
        var command = new Command(
            "export", "Writes a trained model as a Hugging Face folder (transformers and PEFT read it), or as ONNX.")
        { _model, _output, _merge, _overwrite, _onnx, _half };
        command.SetVerb((parsed, output, _) =>
        {
            if (parsed.GetValue(_half) && !parsed.GetValue(_onnx))
            {
                throw new UsageException("Command line: expected --half beside --onnx only, got it without.");
            }
            if (parsed.GetValue(_merge) && parsed.GetValue(_onnx))
            {
                throw new UsageException("Command line: expected --merge-adapter or --onnx, got both. In an ONNX " +
                    "file adapters are folded in always.");
            }
            MLContext mlContext = output.Context();
            ITransformer model = SavedModel.Load(
                mlContext, SavedModel.Find(parsed.GetValue(_model)!, output), out DataViewSchema? _);
            using var loaded = model as IDisposable;
            string path = Path.GetFullPath(parsed.GetValue(_output)!);
            if (parsed.GetValue(_onnx))
            {
                SaveOnnx(mlContext, model, path, parsed);
            }
            else
            {
                mlContext.Speech().SaveHuggingFace(
                    model, path, parsed.GetValue(_merge), parsed.GetValue(_overwrite));
            }
            output.Line($"model: {path}");
            output.Result(new { Model = path });
            return ExitCode.Done;
        });
        return command;
    }

    private void SaveOnnx(MLContext mlContext, ITransformer model, string path, ParseResult parsed)
    {
        if (File.Exists(path) && !parsed.GetValue(_overwrite))
        {
            throw new IOException(
                $"ONNX file '{path}': expected no such file, got one. Give --overwrite, or another name.");
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        mlContext.Speech().SaveOnnx(model, path, new SpeechOnnxOptions { HalfWeights = parsed.GetValue(_half) });
    }
}
