using System.Diagnostics;
using System.Globalization;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Training.Checkpoints;

/// <summary>A training process that is killed again and again ends with the bytes of one that was left alone.</summary>
[TestClass]
public sealed class KillTests
{
    private const string FolderVariable = "SPEECHML_TEST_KILL_FOLDER";
    private const string KillsVariable = "SPEECHML_TEST_KILLS"; // how often, when not 10 times
    private const string SeedVariable = "SPEECHML_TEST_KILL_SEED"; // the moments
    private const int MaxSteps = 6; // optimizer steps between kills, at most; the run is long enough for all of them
    // ms from a checkpoint to the kill: about one step and the writing of the next checkpoint
    private const int LongestDelay = 60;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Fit_KilledTwice_EndsWithTheSameBytes() => AssertSameBytesAfter(2);

    [TestMethod]
    [TestCategory("Slow")]
    public void Fit_KilledAtRandomMoments_EndsWithTheSameBytes() => AssertSameBytesAfter(Number(KillsVariable, 10));

    private void AssertSameBytesAfter(int kills)
    {
        var random = new Random(Number(SeedVariable, 1));
        using var scratch = new Scratch();
        string run = scratch.At("run");
        Directory.CreateDirectory(run);
        for (int i = 0; i < kills; i++)
        {
            int until = Newest(run) + random.Next(1, MaxSteps);
            ChildTest.KillAfter(() => Start(scratch.Folder, kills), () => Newest(run) >= until,
                random.Next(LongestDelay), $"The run ended before kill {i + 1} of {kills}.");
            TestContext.WriteLine(
                $"kill {i + 1}: newest checkpoint of step {Newest(run)}, unfinished files " +
                $"{Directory.GetFiles(run, "*.tmp").Length}");
        }
        ChildTest.RunToTheEnd(Start(scratch.Folder, kills));

        byte[] undisturbed = TrainingRuns.Fit(Options("", kills));
        CollectionAssert.AreEqual(undisturbed, File.ReadAllBytes(scratch.At("weights")));
        Assert.HasCount(0, Directory.GetFiles(run, "*.tmp"));
    }

    /// <summary>What the process that is killed runs.</summary>
    [TestMethod]
    public void Child_TrainsOnRequest()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("Runs in a child process only.");
            return;
        }
        byte[] weights = TrainingRuns.Fit(Options(Path.Combine(folder, "run"), Number(KillsVariable, 10)));
        File.WriteAllBytes(Path.Combine(folder, "weights"), weights);
    }

    private static SpeechClassificationOptions Options(string checkpoints, int kills)
    {
        SpeechClassificationOptions options = TrainingRuns.Options(checkpoints);
        options.Epochs = 3 * (kills + 1); // of three steps
        options.Checkpoints.EverySteps = 1;
        options.EarlyStopping.Metric = SpeechMetrics.Loss.Name;
        options.EarlyStopping.Patience = options.Epochs;
        return options;
    }

    /// <summary>The step of the newest checkpoint; 0 where there is none.</summary>
    private static int Newest(string folder) =>
        Directory.GetFiles(folder, "step-*.safetensors")
            .Select(f => int.Parse(Path.GetFileName(f).AsSpan("step-".Length, 10), CultureInfo.InvariantCulture))
            .DefaultIfEmpty().Max();

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static Process Start(string folder, int kills) =>
        ChildTest.Start(nameof(Child_TrainsOnRequest), (FolderVariable, folder),
            (KillsVariable, kills.ToString(CultureInfo.InvariantCulture)));
}
