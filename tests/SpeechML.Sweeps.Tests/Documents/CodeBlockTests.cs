using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Documents;

/// <summary>The code in README.md and the pages: all of it compiles, and what is marked runs.</summary>
[TestClass]
public sealed partial class CodeBlockTests
{
    private const int FirstProgramLines = 25;

    private static readonly IReadOnlyList<CodeBlock> s_blocks = CodeBlock.All();

    /// <summary>Without the network.</summary>
    private static readonly CodeBlock s_gettingStarted = CodeBlock.Whole("docs/getting-started.md", line =>
        line.Replace("\"whisper-base\";", "\"samples/models/whisper-base-encoder\";", StringComparison.Ordinal));

    private static Scratch? s_scratch;
    private static string[]? s_errors;
    private static string? s_assembly;

    [ClassInitialize]
    public static void Compile(TestContext _)
    {
        s_scratch = new Scratch();
        (s_errors, s_assembly) = PageAssembly.Compile([.. s_blocks, s_gettingStarted], s_scratch);
    }

    [ClassCleanup]
    public static void Clean() => s_scratch?.Dispose();

    [TestMethod]
    public void Blocks_OfAllPages_Compile()
    {
        CollectionAssert.AreEqual(Array.Empty<string>(), s_errors, string.Join('\n', s_errors!));
        Assert.IsGreaterThan(40, s_blocks.Count);
    }

    [TestMethod]
    public void Blocks_MarkedToRun_Run()
    {
        Assert.HasCount(0, s_errors!, "they do not compile");
        CodeBlock[] running = [.. s_blocks.Where(b => b.Runs)];
        Assert.IsGreaterThan(10, running.Length);
        using var world = new SmallWorld(s_scratch!);
        foreach (CodeBlock block in running)
        {
            PageAssembly.Run(s_assembly!, block);
        }
    }

    [TestMethod]
    public void GettingStarted_OneBlockBehindTheOther_IsAProgram()
    {
        Assert.HasCount(0, s_errors!, "they do not compile");
        using var scratch = new Scratch();
        using var world = new SmallWorld(scratch);
        string said = PageAssembly.Run(s_assembly!, s_gettingStarted);
        StringAssert.Contains(said, "report.html");
        StringAssert.Matches(said, LastLine());
    }

    [TestMethod]
    public void FirstProgram_OfTheReadme_IsShort()
    {
        CodeBlock program = s_blocks.First(b => b.Page == "README.md");
        Assert.IsTrue(program.Runs);
        Assert.IsLessThanOrEqualTo(FirstProgramLines, program.Lines.Count(l => l.Trim().Length > 0));
    }

    // The last block's label and probability.
    [GeneratedRegex(@"(?m)^[a-z]+ \([0-9]+ %\)$")]
    private static partial Regex LastLine();
}
