using System.Text;
using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>
/// docs/guides/transcript.md: what every verb prints on the sample table. <c>SPEECHML_WRITE_PAGES=1</c> writes it by
/// running the commands with Whisper base; otherwise they run on fewer clips with a tiny encoder, and what they print
/// must have the page's commands and form. All of them take a minute: the normal run looks at the commands and the
/// first.
/// </summary>
[TestClass]
public sealed partial class TranscriptTests
{
    private const string Variable = "SPEECHML_WRITE_PAGES";
    private const string Configs = "--load-config samples/configs/load.json --model-config samples/configs/model.json";

    /// <summary>Words of a command, and what is said of it.</summary>
    private static readonly (string Text, string Command)[] s_steps =
    [
        ("Look at recordings, labels and split first. The exit code is 3 where something was found.",
            $"check {Configs}"),
        ("Train, evaluate on other subjects, write a report. Started again with `--resume` it goes on.",
            $"train {Configs} --output runs/1"),
        ("The same with another pooling.", $"train {Configs} --pooling Mean --output runs/2"),
        ("Which is better? Paired by subject, on the same clips.",
            "compare runs/1 runs/2 --output comparison.html"),
        ("Score a folder. A broken run goes on where it was.",
            "predict --model runs/1 --folder samples/data/prompts --output scores.csv"),
        ("One file, as JSON.", "predict --model runs/1 --file samples/data/prompts/fr03-01.wav --format jsonl"),
        ("Which parts of a clip mattered?",
            "explain --model runs/1 --file samples/data/prompts/fr03-01.wav --output clip.html clip.csv"),
        ("The report again, after deleting it.", "report runs/1"),
        ("A folder for Python.", "export --model runs/1 --output for-python"),
    ];

    private static string Page => Path.Combine(RepositoryFiles.Root, "docs", "guides", "transcript.md");

    [TestMethod]
    public void Page_OfTheTerminal_HasTodaysCommandsAndFirstAnswer()
    {
        string page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        CollectionAssert.AreEqual(s_steps.Select(s => $"$ speechml {s.Command}").ToArray(),
            page.Split('\n').Where(l => l.StartsWith("$ ", StringComparison.Ordinal)).ToArray());
        using var scratch = new Scratch();
        WriteSmallSamples(scratch);
        (int code, string output, string error) = ToolProcess.RunIn(scratch.Folder, s_steps[0].Command.Split(' '));
        Assert.IsTrue(code is 0 or 3, error);
        string first = page[..page.IndexOf("$ speechml train", StringComparison.Ordinal)];
        CollectionAssert.IsSubsetOf(Words(error + output), Words(first), output);

        static string[] Words(string text) =>
            [.. text.Split('\n').Select(l => FirstWords().Match(l).Value).Where(w => w.Length > 0).Distinct()];
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void Page_OfTheTerminal_HasTheCommandsAndFormOfToday()
    {
        bool writes = Environment.GetEnvironmentVariable(Variable) == "1";
        using var scratch = new Scratch();
        if (writes)
        {
            Directory.CreateSymbolicLink(scratch.At("samples"), Path.Combine(RepositoryFiles.Root, "samples"));
        }
        else
        {
            WriteSmallSamples(scratch);
        }
        string today = Write(scratch);
        if (writes)
        {
            File.WriteAllText(Page, today);
        }
        string[] page = Skeleton(File.ReadAllText(Page).ReplaceLineEndings("\n")), now = Skeleton(today);
        CollectionAssert.AreEqual(page, now, $"docs/guides/transcript.md is not what the tool prints:\n" +
            $"{string.Join('\n', now.Except(page))}\nThis rewrites it: {Variable}=1 ./build.sh test --filter " +
            $"\"FullyQualifiedName~Transcript\"");
    }

    private static string Write(Scratch scratch)
    {
        var page = new StringBuilder("# A session in the terminal\n\n" +
            "The verbs of a first run of `speechml` (all of them: [command line](command-line.md)) on the sample " +
            "recordings, in the repository's folder. Standard error, where progress goes, comes first; on a terminal " +
            "it has bars and the tables have lines. A test wrote this page by running the commands; times are of two " +
            "busy cores.\n");
        foreach ((string text, string command) in s_steps)
        {
            (int code, string output, string error) = ToolProcess.RunIn(scratch.Folder, command.Split(' '));
            Assert.IsTrue(code is 0 or 3, error);
            page.Append($"\n{text}\n\n```\n$ speechml {command}\n");
            page.Append(Clean(error, scratch)).Append(Clean(output, scratch)).Append("```\n");
        }
        string[] rows = File.ReadAllLines(scratch.At("scores.csv"));
        page.Append("\nThe first lines of `scores.csv`:\n\n```\n");
        page.Append(string.Concat(rows.Take(3).Select(r => $"{r}\n"))).Append("```\n");
        return page.ToString();
    }

    private static string Clean(string text, Scratch scratch) =>
        text.ReplaceLineEndings("\n").Replace($"{scratch.Folder}{Path.DirectorySeparatorChar}", "",
            StringComparison.Ordinal);

    /// <summary>Commands, and the words with which the lines behind each begin: not numbers, nor how often.</summary>
    private static string[] Skeleton(string page)
    {
        var lines = new List<string>();
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string line in page.Split('\n'))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                lines.AddRange(seen);
                seen.Clear();
                lines.Add(line);
            }
            // What a check finds, and progress of ten seconds, depend on the data and the machine.
            else if (Kept().Match(line) is { Success: true } match)
            {
                seen.Add(match.Value);
            }
        }
        return [.. lines, .. seen];
    }

    private static void WriteSmallSamples(Scratch scratch)
    {
        string prompts = scratch.At("samples/data/prompts");
        string encoder = scratch.At("samples/models/whisper-base-encoder");
        Directory.CreateDirectory(prompts);
        Directory.CreateDirectory(encoder);
        Directory.CreateDirectory(scratch.At("samples/configs"));
        string[] table = File.ReadAllLines(Path.Combine(RepositoryFiles.Prompts, "metadata.csv"));
        string[] rows = [.. table.Skip(1).Where((_, i) => i % 2 == 0)];
        File.WriteAllLines(Path.Combine(prompts, "metadata.csv"), [table[0], .. rows]);
        foreach (string name in rows.Select(r => $"{r.Split(',')[0]}.wav"))
        {
            File.Copy(Path.Combine(RepositoryFiles.Prompts, name), Path.Combine(prompts, name));
        }
        foreach (string file in Directory.GetFiles(RepositoryFiles.TinyEncoder("whisper-80")))
        {
            File.Copy(file, Path.Combine(encoder, Path.GetFileName(file)));
        }
        string configs = Path.Combine(RepositoryFiles.Root, "samples", "configs");
        File.Copy(Path.Combine(configs, "load.json"), scratch.At("samples/configs/load.json"));
        // The tiny encoder has not as many layers; fewer epochs and resamples print the same.
        File.WriteAllText(scratch.At("samples/configs/model.json"),
            File.ReadAllText(Path.Combine(configs, "model.json"))
                .Replace("\"layers\": \"2\"", "\"layers\": \"1\"", StringComparison.Ordinal)
                .Replace("\"task\":", "\"resamples\": 20, \"task\":", StringComparison.Ordinal));
    }

    // The lines of parts, labels and ratings.
    [GeneratedRegex("^  [A-Za-z]+(\\.[a-z_]+ \\([a-z]+\\))?(?=[: ])")]
    private static partial Regex FirstWords();

    [GeneratedRegex("^(epoch \\d|ended after|validation|test|figure|[a-zA-Z0-9]+(?=  )|model: .*|report: .*" +
        "|written: .*|part: .*|warning: \\w+|Evaluating|Fitting|Writing|target|[Ff]ile,|Reading|Scoring|Explaining" +
        "|\\{\"file\")")]
    private static partial Regex Kept();
}
