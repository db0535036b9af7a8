using System.Text;
using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>A block of C# in a page.</summary>
/// <param name="Page">Path of the page from the repository's root.</param>
/// <param name="Line">Line of the page where the code begins, counted from 1.</param>
/// <param name="Lines">The code.</param>
/// <param name="Runs">Whether <c>&lt;!-- run --&gt;</c> stands above the block.</param>
internal sealed partial record CodeBlock(string Page, int Line, string[] Lines, bool Runs)
{
    private const string Fence = "```";

    /// <summary>
    /// The blocks of all pages that users read, but those of ML.NET's AutoML, which is restored with a switch only.
    /// </summary>
    public static IReadOnlyList<CodeBlock> All()
    {
        string root = RepositoryFiles.Root;
        string[] pages =
        [
            Path.Combine(root, "README.md"),
            .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.GetDirectories(Path.Combine(root, "src")).Concat([Path.Combine(root, "samples")])
                .Where(d => Path.GetFileName(d) != "SpeechML.AutoML").Select(d => Path.Combine(d, "README.md"))
                .Where(File.Exists),
        ];
        return [.. pages.Order(StringComparer.Ordinal)
            .SelectMany(p => Of(Path.GetRelativePath(root, p).Replace('\\', '/'), File.ReadAllLines(p)))];
    }

    /// <summary>All code of a page, one block behind the other, as a reader who follows it has it in the end.</summary>
    public static CodeBlock Whole(string page, Func<string, string> change) => new($"{page} (whole)", 1,
        [.. All().Where(b => b.Page == page).SelectMany(b => b.Lines).Select(change)], Runs: false);

    /// <summary>A program's text: a class for each block of one page, whose types all blocks of the page see.</summary>
    /// <param name="blocks">The blocks of one page.</param>
    /// <param name="name">Name of the page's namespace.</param>
    public static string Source(IReadOnlyList<CodeBlock> blocks, string name)
    {
        var usings = new SortedSet<string>(StringComparer.Ordinal);
        var body = new StringBuilder();
        var types = new StringBuilder();
        foreach (CodeBlock block in blocks)
        {
            body.Append("public sealed class ").Append(block.ClassName).AppendLine(" : Given")
                .AppendLine("{").AppendLine("public async System.Threading.Tasks.Task Run()").AppendLine("{")
                .AppendLine("await System.Threading.Tasks.Task.CompletedTask;");
            StringBuilder target = body;
            int depth = 0;
            bool inType = false;
            for (int i = 0; i < block.Lines.Length; i++)
            {
                string line = block.Lines[i];
                if (!inType && UsingDirective().IsMatch(line))
                {
                    usings.Add(line);
                    continue;
                }
                if (!inType && TypeDeclaration().IsMatch(line))
                {
                    (inType, depth, target) = (true, 0, types);
                }
                target.Append("#line ").Append(block.Line + i).Append(" \"").Append(block.Page).AppendLine("\"")
                    .AppendLine(line);
                if (inType)
                {
                    depth += line.Count(c => c == '{') - line.Count(c => c == '}');
                    if (depth == 0 && (line.Contains('}', StringComparison.Ordinal)
                        || line.EndsWith(';')))
                    {
                        (inType, target) = (false, body);
                    }
                }
            }
            body.AppendLine("#line default").AppendLine("}").AppendLine("}");
        }
        return $"{string.Join('\n', usings)}\nnamespace {name};\n{body}\n{types}\n";
    }

    /// <summary>Name of the class that holds it, unique within its page.</summary>
    public string ClassName => $"Line{Line}";

    private static IEnumerable<CodeBlock> Of(string page, string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i] != Fence + "csharp")
            {
                continue;
            }
            int end = Array.IndexOf(lines, Fence, i + 1);
            yield return new CodeBlock(page, i + 2, lines[(i + 1)..end], i > 0 && lines[i - 1] == "<!-- run -->");
            i = end;
        }
    }

    [GeneratedRegex(@"^using (static )?[\w.]+( = [\w.<>]+)?;")]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"^((public|internal|file|sealed|static|abstract|partial|readonly) )*(class|record|struct|enum) ")]
    private static partial Regex TypeDeclaration();
}
