using System.CommandLine;
using SpeechML.Audio.Streaming;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Measuring;
using SpeechML.Tool.Scoring;

namespace SpeechML.Tool.Verbs;

/// <summary>Measures voices: 54 numbers of each recording, and their contours.</summary>
internal sealed class MeasureVerb : IVerb
{
    private readonly Option<string> _folder = new("--folder")
    {
        Description = "Recordings, also those in folders in it",
        HelpName = "folder",
        Required = true,
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "A row for each recording; units go beside it, to NAME.units.csv",
        HelpName = "file.csv",
        DefaultValueFactory = _ => "measures.csv",
    };

    private readonly Option<string?> _contours = new("--contours")
    {
        Description = "Pitch, intensity and so on over time, a line of JSON for each recording",
        HelpName = "file.jsonl",
    };

    private readonly Option<string?> _pages = new("--pages")
    {
        Description = "A page for each recording: waveform with pitch, intensity and pauses, and the 54 measures",
        HelpName = "folder",
    };

    private readonly Option<double> _floor = new("--pitch-floor")
    {
        Description = "The lowest pitch that is looked for (Hz)",
        HelpName = "number",
        DefaultValueFactory = _ => new PitchOptions().Floor,
    };

    private readonly Option<double> _ceiling = new("--pitch-ceiling")
    {
        Description = "The highest pitch that is looked for (Hz)",
        HelpName = "number",
        DefaultValueFactory = _ => new PitchOptions().Ceiling,
    };

    private readonly Option<double> _formants = new("--formant-ceiling")
    {
        Description = "Formants are looked for below (Hz): 5500 for women, 5000 for men",
        HelpName = "number",
        DefaultValueFactory = _ => new FormantOptions().Ceiling,
    };

    public int Order => 10;

    public Command Create()
    {
        var command = new Command(
            "measure", "Measures voices in recordings (pitch, jitter, shimmer, pauses, ...) into a table.")
        { _folder, _output, _contours, _pages, _floor, _ceiling, _formants };
        command.SetVerb(Run);
        return command;
    }

    private int Run(ParseResult parsed, ToolOutput output, CancellationToken cancellation)
    {
        string folder = parsed.GetValue(_folder)!, path = parsed.GetValue(_output)!;
        string? contours = parsed.GetValue(_contours), pages = parsed.GetValue(_pages);
        var options = new VoiceMeasureOptions
        {
            Pitch = new PitchOptions { Floor = parsed.GetValue(_floor), Ceiling = parsed.GetValue(_ceiling) },
            Formants = new FormantOptions { Ceiling = parsed.GetValue(_formants) },
        };
        options.Validate();
        List<string> files = FileNames.OfFolder(folder);
        var bad = new List<MeasuredFile>();
        using (var table = new MeasureCsv(path, contours))
        using (var ahead = new ReadAhead<string, MeasuredFile>(
            files, file => Measure(folder, file, options, contours is not null, pages), _ => 0,
            new ReadAheadLimits { Workers = Environment.ProcessorCount }, cancellation))
        {
            output.Progress("Measuring", "files", files.Count, report =>
            {
                for (int done = 1; ahead.MoveNext(); done++)
                {
                    if (ahead.Current.Error is not null)
                    {
                        bad.Add(ahead.Current);
                    }
                    table.Add(ahead.Current);
                    report(done);
                }
                return 0;
            });
        }
        output.Line($"{files.Count - bad.Count} of {files.Count} files measured: {path}");
        output.Result(new { files = files.Count, measured = files.Count - bad.Count, table = path, contours });
        foreach (MeasuredFile file in bad)
        {
            ToolOutput.Error($"not measured: {file.Name}: {file.Error}");
        }
        return bad.Count == 0 ? ExitCode.Done : ExitCode.Findings;
    }

    private static MeasuredFile Measure(
        string folder, string file, VoiceMeasureOptions options, bool all, string? pages)
    {
        string name = StoragePath.IsRemote(file) ? file : Path.GetRelativePath(folder, file).Replace('\\', '/');
        try
        {
            MLAudio audio = MLAudio.FromFile(StoragePath.IsRemote(file) ? StoragePath.Fetch(file) : file);
            if (pages is not null)
            {
                SpeechReport.Write(audio, StoragePath.Combine(pages, name + ".html"), options);
            }
            return all ? MeasuredFile.Of(name, VoiceMeasures.Analyze(audio, options))
                : new MeasuredFile(name) { Values = VoiceMeasures.Measure(audio, options) };
        }
        catch (Exception e) when (e is AudioException or IOException or UnauthorizedAccessException)
        {
            return new MeasuredFile(name) { Error = e.Message };
        }
    }
}
