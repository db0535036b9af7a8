using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Options;

[TestClass]
public class OptionsPageTests
{
    private const string Variable = "SPEECHML_WRITE_PAGES";

    [TestMethod]
    public void Page_IsWhatTheClassesSay()
    {
        string file = Path.Combine(RepositoryFiles.Root, "docs", "reference", "options.md");
        string page = OptionsPage.Write();
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(file, page);
        }
        Assert.AreEqual(page, File.ReadAllText(file).ReplaceLineEndings("\n"),
            $"docs/reference/options.md is not what the classes of options say. This rewrites it: " +
            $"{Variable}=1 ./build.sh test --filter \"FullyQualifiedName~OptionsPage\"");
    }
}
