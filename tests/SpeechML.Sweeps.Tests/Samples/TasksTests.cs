using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Samples;

/// <summary>The sample with a program for each task, as a user starts it.</summary>
[TestClass]
public sealed class TasksTests
{
    [TestMethod]
    public void Sample_OneTask_PrintsItsFigures() =>
        StringAssert.Contains(Run("ordinal", RepositoryFiles.TinyEncoder("whisper-80")), "kappa, quadratic");

    [TestMethod]
    [TestCategory("Slow")]
    public void Sample_EveryTask_PrintsItsFigures()
    {
        string text = Run("all", RepositoryFiles.TinyEncoder("whisper-80"));
        string[] parts = text.Split("== ", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> said = parts.ToDictionary(p => p[..p.IndexOf('\n')], p => p);
        StringAssert.Contains(said["binary"], "ROC AUC ");
        StringAssert.Contains(said["classification"], "accuracy on unseen subjects ");
        StringAssert.Contains(said["features"], "fold 3: accuracy on unseen subjects ");
        StringAssert.Contains(said["multi-label"], "slow_rate");
        StringAssert.Contains(said["ordinal"], "kappa");
        StringAssert.Contains(said["regression"], "concordance");
        Assert.HasCount(6, said);
    }

    private static string Run(params string[] arguments) => ChildProgram.Succeed(RepositoryFiles.Tasks, arguments);
}
