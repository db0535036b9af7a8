using System.CommandLine;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;
using SpeechML.Tool.Scoring;

namespace SpeechML.Tool.Verbs;

/// <summary>Scores audio files: <c>speechml predict --model runs/1 --folder wavs --output scores.csv</c>.</summary>
internal sealed class PredictVerb : IVerb
{
    private readonly Option<string> _model = new("--model")
    {
        Description = SavedModel.Sentence(SavedModel.TakenWithOnnx),
        HelpName = "run",
        Required = true,
    };

    private readonly Option<string?> _folder = new("--folder")
    {
        Description = "Scores all audio files in a folder and the folders in it, by name",
        HelpName = "folder",
    };

    private readonly Option<string?> _list = new("--list")
    {
        Description = "Scores the files that a text file names, one a line",
        HelpName = "file",
    };

    private readonly Option<string[]> _files = new("--file")
    {
        Description = "Scores these files",
        HelpName = "file",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Argument<string?> _input = new("-")
    {
        Description = "Scores the files that standard input names, one a line",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "The file of scores; without it they go to standard output",
        HelpName = "file",
    };

    private readonly Option<ScoreFormatName?> _format = new("--format")
    {
        Description = "csv or jsonl (a JSON object a line); by the ending of --output, else csv",
        HelpName = "name",
    };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replaces a file of scores" };

    public int Order => 4;

    public Command Create()
    {
        var command = new Command(
            "predict", "Scores audio files with a trained model; a broken run with --output is resumed.")
        { _model, _folder, _list, _files, _input, _output, _format, _overwrite };
        _format.CompletionSources.Clear();
        _format.CompletionSources.Add("csv", "jsonl");
        command.SetVerb(Run, parsed => parsed.GetValue(_output) is null ? null : "The same command");
        return command;
    }

    private int Run(ParseResult parsed, ToolOutput output, CancellationToken cancellation)
    {
        string? input = parsed.GetValue(_input);
        if (input is not (null or "-"))
        {
            throw new UsageException(
                $"Command line: expected - (names on standard input), got '{input}'. Files are given by --file.");
        }
        string? folder = parsed.GetValue(_folder), list = parsed.GetValue(_list), path = parsed.GetValue(_output);
        string[] files = parsed.GetValue(_files) ?? [];
        FileNames.CheckOneSource(
            (folder is null ? 0 : 1) + (list is null ? 0 : 1) + (files.Length == 0 ? 0 : 1) + (input is null ? 0 : 1));
        if (path is not null && File.Exists(path) && !parsed.GetValue(_overwrite))
        {
            throw new IOException(
                $"File of scores '{path}': expected no such file, got one. Give --overwrite, or another name.");
        }
        string model = SavedModel.Find(parsed.GetValue(_model)!, output, takesOnnx: true);
        IEnumerable<string> names = folder is not null ? FileNames.OfFolder(folder)
            : list is not null ? FileNames.OfList(new StringReader(StoragePath.ReadAllText(list)))
            : input is null ? files : FileNames.OfList(Console.In);
        using var scorer = new FileScorer(output.Context(seed: 0), model);
        var format = new ScoreFormat(scorer.Task, IsJson(parsed, output, path));
        List<ScoredFile> bad = path is null ? ToOutput(scorer, format, names, cancellation)
            : ToFile(scorer, format, model, [.. names], path, output, cancellation);
        foreach (ScoredFile file in bad)
        {
            ToolOutput.Error($"not scored: {file.File}: {file.Error}");
        }
        return bad.Count == 0 ? ExitCode.Done : ExitCode.Findings;
    }

    private bool IsJson(ParseResult parsed, ToolOutput output, string? path) => parsed.GetValue(_format) switch
    {
        { } given => given == ScoreFormatName.Jsonl,
        null => output.Json || path?.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) == true,
    };

    private static List<ScoredFile> ToFile(
        FileScorer scorer, ScoreFormat format, string model, List<string> names, string path, ToolOutput output,
        CancellationToken cancellation)
    {
        using var file = new ScoreFile(path, format, model, names);
        List<ScoredFile> bad = file.Bad;
        if (file.Done > 0)
        {
            output.Note($"{file.Done} of {names.Count} files were scored before; the others follow");
        }
        output.Progress("Scoring", "files", names.Count, report =>
        {
            report(file.Done);
            int first = file.Done / FileScorer.Block * FileScorer.Block;
            for (; first < names.Count; first += FileScorer.Block)
            {
                cancellation.ThrowIfCancellationRequested();
                int there = Math.Max(0, file.Done - first);
                List<string> block = names.GetRange(first, Math.Min(FileScorer.Block, names.Count - first));
                ScoredFile[] scored = [.. scorer.Score(block, cancellation).Skip(there)];
                file.Append(scored.Select(format.Line));
                bad.AddRange(scored.Where(s => s.Score is null));
                report(first + block.Count);
            }
            return 0;
        });
        file.Complete();
        output.Note($"{names.Count - bad.Count} of {names.Count} files scored: {path}");
        return bad;
    }

    private static List<ScoredFile> ToOutput(
        FileScorer scorer, ScoreFormat format, IEnumerable<string> names, CancellationToken cancellation)
    {
        var bad = new List<ScoredFile>();
        if (format.Header is { } header)
        {
            Console.Out.Write(header + "\n");
        }
        foreach (string[] block in names.Chunk(FileScorer.Block))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (ScoredFile file in scorer.Score(block, cancellation))
            {
                Console.Out.Write(format.Line(file) + "\n");
                if (file.Score is null)
                {
                    bad.Add(file);
                }
            }
            Console.Out.Flush();
        }
        return bad;
    }
}

/// <summary>Formats of scores.</summary>
internal enum ScoreFormatName
{
    Csv,
    Jsonl,
}
