
using SpeechML.TestSupport;

namespace SpeechML.Tests;

/// <summary>The README's pipeline is compiled into this assembly as it stands there; here it runs.</summary>
[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    public void Pipeline_AsInTheReadme_WritesAModel()
    {
        using var scratch = new Scratch();
        List<PromptRow> rows = Prompts.Rows(40);
        string metadata = scratch.At("metadata.csv");
        File.WriteAllLines(
            metadata,
            ["file,speaker,diagnosis,hoarse,slow_rate",
            .. rows.Select((r, i) => $"{r.Path},{r.Subject},{r.Label},{(i % 3) + 1},{(i % 2) + 1.5}")]);
        string before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = scratch.Folder;
            ReadmeSample.Run(metadata, RepositoryFiles.Prompts, RepositoryFiles.TinyEncoder("hubert-base-like"));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
        Assert.IsTrue(new FileInfo(scratch.At("model.zip")).Length > 10_000);
    }
}
