using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using SpeechML.Sweeps.Studies;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests;

/// <summary>A study whose process is killed again and again comes to what one that was left alone comes to.</summary>
[TestClass]
public sealed class SweepKillTests
{
    private const string FolderVariable = "SPEECHML_TEST_SWEEP_FOLDER";
    private const string KillsVariable = "SPEECHML_TEST_SWEEP_KILLS"; // how often, when not 3 times
    private const int LongestDelay = 40; // ms from an event to the kill: about the time to the next
    private const int MaxEvents = 5; // between kills; the study is long enough for all of them

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Run_KilledOnce_SameTrialsAndSameBest() => AssertSameAfter(1);

    [TestMethod]
    [TestCategory("Slow")]
    public void Run_KilledAtRandomMoments_SameTrialsAndSameBest() => AssertSameAfter(Kills());

    private void AssertSameAfter(int kills)
    {
        var random = new Random(1);
        using var scratch = new Scratch();
        string log = Path.Combine(scratch.Folder, "study", StudyLog.FileName);
        for (int i = 0; i < kills; i++)
        {
            int until = Lines(log) + random.Next(1, MaxEvents + 1);
            ChildTest.KillAfter(() => Start(scratch.Folder, kills), () => Lines(log) >= until,
                random.Next(LongestDelay), $"The study ended before kill {i + 1} of {kills}.");
            TestContext.WriteLine($"kill {i + 1}: {Lines(log)} events");
        }
        ChildTest.RunToTheEnd(Start(scratch.Folder, kills));
        using SweepResult undisturbed = Sweep(kills).Run();
        Assert.AreEqual(string.Join('\n', SweepRuns.Facts(undisturbed)), File.ReadAllText(scratch.At("facts")));
        List<StudyEvent> events = StudyLog.Read(scratch.At("study"));
        int[] begun = [.. events.OfType<TrialBegun>().Select(e => e.Trial)];
        CollectionAssert.AreEqual(Enumerable.Range(1, Trials(kills)).ToArray(), begun, "none lost, none begun twice");
        CollectionAssert.AreEquivalent(
            begun, events.OfType<TrialEnded>().Select(e => e.Trial).ToArray(), "none counted twice");
    }

    /// <summary>What the process that is killed runs.</summary>
    [TestMethod]
    public void Child_SweepsOnRequest()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
        {
            Assert.Inconclusive("Runs in a child process only.");
            return;
        }
        using SweepResult result = Sweep(Kills()).SetStudy(Path.Combine(folder, "study")).Run();
        File.WriteAllText(Path.Combine(folder, "facts"), string.Join('\n', SweepRuns.Facts(result)));
    }

    private static SpeechSweep Sweep(int kills) =>
        SweepRuns.Create(new MLContext(seed: 1), SweepRuns.Heads()).SetTuner(SweepTuner.Tpe(3))
            .SetPruner(SweepPruner.Asha()).SetSeedsPerTrial(2).SetMaxTrials(Trials(kills));

    private static int Trials(int kills) => 4 + (2 * kills);

    private static int Lines(string log)
    {
        if (!File.Exists(log))
        {
            return 0;
        }
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    private static int Kills() =>
        Environment.GetEnvironmentVariable(KillsVariable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : 6;

    private static Process Start(string folder, int kills) =>
        ChildTest.Start(nameof(Child_SweepsOnRequest), (FolderVariable, folder),
            (KillsVariable, kills.ToString(CultureInfo.InvariantCulture)));
}
