using System.CommandLine;
using Microsoft.ML;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Says which parts of a recording mattered: <c>speechml explain --model runs/1 --file clip.wav</c>.</summary>
internal sealed class ExplainVerb : IVerb
{
    private const int Shown = 5; // parts a target

    private readonly Option<string> _model = new("--model")
    {
        Description = SavedModel.Sentence(SavedModel.Taken),
        HelpName = "run",
        Required = true,
    };

    private readonly Option<string> _file = new("--file")
    {
        Description = "The recording",
        HelpName = "file",
        Required = true,
    };

    private readonly Option<string[]> _target = new("--target")
    {
        Description = "Labels or classes to explain; without it all",
        HelpName = "label",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _gradients = new("--gradients")
    {
        Description = "Integrated gradients as well",
    };

    private readonly Option<string[]> _output = new("--output", "-o")
    {
        Description = "Files to write, by their names: .html, .svg, .png (figures), .csv, .json (all numbers)",
        HelpName = "file",
        AllowMultipleArgumentsPerToken = true,
    };

    public int Order => 9;

    public Command Create()
    {
        var command = new Command(
            "explain", "Says which parts of a recording mattered: the scores without each part, attention.")
        { _model, _file, _target, _gradients, _output };
        command.SetVerb((parsed, output, cancellation) =>
        {
            string[] files = [.. (parsed.GetValue(_output) ?? []).Select(ConfiguredRun.Whole)];
            if (files.FirstOrDefault(f => Path.GetExtension(f).ToLowerInvariant()
                is not (".html" or ".svg" or ".png" or ".csv" or ".json")) is { } odd)
            {
                throw new UsageException(
                    $"Command line: expected --output to end in .html, .svg, .png, .csv or .json, got '{odd}'.");
            }
            MLContext mlContext = output.Context();
            ITransformer model = SavedModel.Load(mlContext, SavedModel.Find(parsed.GetValue(_model)!, output), out _);
            using var loaded = model as IDisposable;
            var options = new SpeechExplanationOptions
            {
                Targets = parsed.GetValue(_target) ?? [],
                IntegratedGradients = parsed.GetValue(_gradients),
            };
            MLAudio audio = SavedModel.Read(model, ConfiguredRun.Whole(parsed.GetValue(_file)!));
            SpeechExplanation explanation = output.Progress("Explaining", "scores", null, report =>
                mlContext.Speech().Explain(model, audio, options, new Told(report), cancellation));
            output.Table(["target", "probability", "from (s)", "to (s)", "log odds less without it"],
                [.. explanation.Targets.SelectMany(t => Rows(explanation, t))]);
            foreach (string file in files)
            {
                Write(explanation, file);
                output.Line($"written: {file}");
            }
            output.Result(new { explanation.Seconds, explanation.Targets, explanation.Attributions, Files = files });
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The parts without which the score falls or rises most.</summary>
    private static IEnumerable<string[]> Rows(SpeechExplanation explanation, ExplainedTarget target) =>
        explanation.Of(ExplanationMethod.TimeOcclusion, target.Name).OrderByDescending(a => Math.Abs(a.Value))
        .Take(Shown).Select(a => (string[])
            [target.Name, target.Probability is { } p ? Text(p, "F3") : "", Text(a.StartSeconds, "F2"),
            Text(a.EndSeconds, "F2"), Text(a.Value, "F3")]);

    private static string Text(double value, string format) =>
        value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);

    private static void Write(SpeechExplanation explanation, string file)
    {
        switch (Path.GetExtension(file).ToLowerInvariant())
        {
            case ".csv":
                explanation.SaveCsv(file);
                break;
            case ".json":
                explanation.SaveJson(file);
                break;
            default:
                SpeechReport.Write(explanation, file);
                break;
        }
    }

    private sealed class Told(Action<long> report) : IProgress<SpeechExplanationProgress>
    {
        public void Report(SpeechExplanationProgress value) => report(value.Done);
    }
}
