using System.CommandLine;
using Microsoft.ML;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Looks at recordings, labels and split before anything is trained on them.</summary>
internal sealed class CheckVerb : IVerb
{
    private readonly Option<string?> _html = new("--html")
    {
        Description = "Writes what was found as a page, too",
        HelpName = "file",
    };

    private readonly Option<bool> _measures = new("--measures")
    {
        Description = "Measures voices, too: by label, clips far from the others, recordings in which measures lie",
    };

    public int Order => 1;

    public Command Create()
    {
        var command = new Command(
            "check", "Looks at recordings, labels and split as 'train' takes them; ends with 3 where it finds a fault.")
        { _html, _measures };
        var config = new RunConfig(command);
        command.SetVerb((parsed, output, cancellation) =>
        {
            if (config.WritesHelp(parsed))
            {
                return ExitCode.Done;
            }
            SpeechDataReport report = Check(config.Load(parsed), config.Model(parsed),
                parsed.GetValue(_measures), output, cancellation);
            if (parsed.GetValue(_html) is { } page)
            {
                SpeechReport.Write(report, page);
            }
            output.Line($"{report}".TrimEnd());
            if (output.Json)
            {
                Console.Out.WriteLine(report.ToJson());
            }
            return report.IsClean ? ExitCode.Done : ExitCode.Findings;
        });
        return command;
    }

    private static SpeechDataReport Check(
        SpeechLoadConfig load, SpeechModelConfig model, bool measures, ToolOutput output,
        CancellationToken cancellation)
    {
        MLContext mlContext = output.Context(model.Trainer.Seed);
        ConfiguredData data = ConfiguredData.Read(mlContext, load, model);
        var options = new SpeechDataCheckOptions
        {
            AudioKeyColumnName = data.Columns.AudioKey,
            AudioFolder = load.AudioFolder.Length > 0 ? load.AudioFolder : null,
            Layout = load.Audio.Layout,
            Channel = load.Audio.Channel,
            SubjectColumnName = data.Columns.Subject,
            LabelColumnNames = data.LabelColumns,
            Encoder = model.Trainer.Encoder,
            LongAudio = model.Trainer.LongAudio,
            MeasureVoice = measures,
        };
        return output.Progress("Reading", "clips", null, report => mlContext.Speech().CheckData(
            data.Split, options, new Count(report), cancellation));
    }

    private sealed class Count(Action<long> report) : IProgress<SpeechDataProgress>
    {
        public void Report(SpeechDataProgress value) => report(value.Clips);
    }
}
