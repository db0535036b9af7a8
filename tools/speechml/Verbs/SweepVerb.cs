using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>
/// Searches options: <c>speechml sweep ... --vary HeadLearningRate Freezing --trials 20 --study studies/1</c>.
/// </summary>
internal sealed class SweepVerb : IVerb
{
    private static readonly NamedFactories<SweepTuner> s_tuners = new();
    private static readonly NamedFactories<SweepPruner> s_pruners = new();

    private readonly Option<string> _study = new("--study", "-o")
    {
        Description = "Folder of the study; one that is there is resumed",
        HelpName = "folder",
        Required = true,
    };

    private readonly Option<string[]> _vary = new("--vary")
    {
        Description = "Options to vary, such as HeadLearningRate Lora; without it all",
        HelpName = "names",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _trials = new("--trials")
    {
        Description = "Trials in all; a grid ends by itself",
        HelpName = "integer",
    };

    private readonly Option<double?> _hours = new("--hours")
    {
        Description = "Hours after which the sweep ends; the study can be resumed",
        HelpName = "number",
    };

    private readonly Option<string> _tuner = new("--tuner")
    {
        Description = $"How options are chosen: {s_tuners}",
        HelpName = "name",
        DefaultValueFactory = _ => "tpe",
    };

    private readonly Option<string> _pruner = new("--pruner")
    {
        Description = $"Which trials are stopped early: {s_pruners}",
        HelpName = "name",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<string> _metric = new("--metric")
    {
        Description = "What trials are compared by on the validation data",
        HelpName = "name",
        DefaultValueFactory = _ => SpeechMetrics.RocAuc.Name,
    };

    public int Order => 5;

    public Command Create()
    {
        _tuner.AcceptOnlyFromAmong([.. s_tuners.Names]);
        _pruner.AcceptOnlyFromAmong([.. s_pruners.Names]);
        _metric.CompletionSources.Add([.. SpeechMetrics.All.Select(m => m.Name)]);
        var command = new Command(
            "sweep", "Searches options over many trainings; started again with the same study, it goes on.")
        { _study, _vary, _trials, _hours, _tuner, _pruner, _metric };
        var config = new RunConfig(command);
        command.SetVerb((parsed, output, cancellation) => config.WritesHelp(parsed) ? ExitCode.Done
            : Run(parsed, config.Load(parsed), config.Model(parsed), output, cancellation), _ => "The same command");
        return command;
    }

    private int Run(
        ParseResult parsed, SpeechLoadConfig load, SpeechModelConfig model, ToolOutput output,
        CancellationToken cancellation)
    {
        SpeechMetric metric = SpeechMetrics.Find(parsed.GetValue(_metric)!) ?? throw new UsageException(
            $"Command line, option '--metric': expected one of " +
            $"{string.Join(", ", SpeechMetrics.All.Select(m => m.Name))}, got '{parsed.GetValue(_metric)}'.");
        MLContext mlContext = output.Context(model.Trainer.Seed);
        ConfiguredData data = ConfiguredData.Read(mlContext, load, model);
        if (ConfiguredData.IsEmpty(data.Split.Validation))
        {
            throw new InvalidDataException(
                "Split: expected validation data, which trials are compared on, got none. Give --split.validation.");
        }
        string study = ConfiguredRun.Whole(parsed.GetValue(_study)!);
        SpeechSweep sweep = mlContext.Speech().CreateSweep();
        SetPipeline(sweep, mlContext, load, model.Trainer, data, parsed.GetValue(_vary) ?? []);
        sweep.SetDataset(data.Split.Train, data.Split.Validation).SetMetric(metric)
            .SetTuner(s_tuners.Create(parsed.GetValue(_tuner)!)).SetPruner(s_pruners.Create(parsed.GetValue(_pruner)!))
            .SetStudy(study);
        _ = parsed.GetValue(_trials) is { } trials ? sweep.SetMaxTrials(trials) : sweep;
        _ = parsed.GetValue(_hours) is { } hours ? sweep.SetTrainingTime(TimeSpan.FromHours(hours)) : sweep;
        if (output.ShowsProgress)
        {
            if (ConfiguredRun.IsThere(study))
            {
                output.Note($"The study is there already and goes on: {study}");
            }
            sweep.SetProgress(
                new SweepTable(Console.Error, live: ToolOutput.IsTerminal) { Width = ToolOutput.Width });
        }
        using SweepResult result = sweep.Run(cancellation);
        string zip = StoragePath.Combine(study, "model.zip");
        mlContext.Speech().SaveForScoring(result.Model, data.Split.Train.Schema, zip, overwrite: true);
        Write(output, result, zip, SpeechReport.WriteStudy(study));
        return ExitCode.Done;
    }

    private static void Write(ToolOutput output, SweepResult result, string zip, string report)
    {
        output.Table(["trial", result.Metric.DisplayName, "options"], [.. result.Study.Ranked.Take(5).Select(t => new[]
        {
            t.Number.ToString(CultureInfo.InvariantCulture),
            t.Value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "",
            t.ParameterText,
        })]);
        output.Line($"model: {zip}");
        output.Line($"report: {report}");
        output.Result(new
        {
            Model = zip,
            Report = report,
            Metric = result.Metric.Name,
            Best = new { result.BestTrial.Number, result.BestTrial.Value, Options = result.BestTrial.ParameterText },
            Trials = result.Trials.Count,
        });
    }

    private static void SetPipeline(
        SpeechSweep sweep, MLContext mlContext, SpeechLoadConfig load, SpeechTrainingOptions options,
        ConfiguredData data, string[] vary)
    {
        string label = data.Columns.Label;
        IEstimator<ITransformer> steps = ConfiguredData.Preparation(mlContext, load);
        if (ConfiguredData.Augmentation(mlContext, load) is { } augmentation)
        {
            steps = steps.Append(augmentation);
        }
        if (ConfiguredData.Measuring(mlContext, ConfiguredData.ExtraFeatures(options), data.Split.Train.Schema)
            is { } measuring)
        {
            steps = steps.Append(measuring);
        }
        switch (options)
        {
            case SpeechMultiLabelOptions o:
                sweep.SetPipeline(steps, SweepSpace.FromDeclared(o, vary),
                    x => mlContext.Speech().Trainers.MultiLabelClassification(label, "Audio", x));
                break;
            case SpeechOrdinalOptions o:
                sweep.SetPipeline(steps, SweepSpace.FromDeclared(o, vary),
                    x => mlContext.Speech().Trainers.OrdinalClassification(label, "Audio", x));
                break;
            case SpeechClassificationOptions o:
                sweep.SetPipeline(steps, SweepSpace.FromDeclared(o, vary),
                    x => mlContext.MulticlassClassification.Trainers.SpeechClassification(label, "Audio", x));
                break;
            case SpeechBinaryOptions o:
                sweep.SetPipeline(steps, SweepSpace.FromDeclared(o, vary),
                    x => mlContext.BinaryClassification.Trainers.SpeechClassification(label, "Audio", x));
                break;
            case SpeechRegressionOptions o:
                sweep.SetPipeline(steps, SweepSpace.FromDeclared(o, vary),
                    x => mlContext.Regression.Trainers.SpeechRegression(label, "Audio", x));
                break;
        }
    }
}
