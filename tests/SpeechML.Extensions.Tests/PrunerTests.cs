using Microsoft.ML;

namespace SpeechML.Extensions.Tests;

[TestClass]
public sealed class PrunerTests
{
    [TestMethod]
    public void Run_PrunerOfAUser_StopsTrials()
    {
        using SweepResult result = SampleSweep.Create(new MLContext(seed: 1)).SetTuner(SweepTuner.Random())
            .SetPruner(new OnlyTheFirst()).SetMaxTrials(3).Run();
        CollectionAssert.AreEqual(
            new[] { SweepTrialState.Finished, SweepTrialState.Pruned, SweepTrialState.Pruned },
            result.Trials.Select(t => t.State).ToArray());
        Assert.IsTrue(result.Trials.Skip(1).All(t => t.Epochs == 1));
    }

    /// <summary>Stops every trial that is not alone.</summary>
    private sealed class OnlyTheFirst : SweepPruner
    {
        public override bool ShouldStop(int epoch, double loss, IReadOnlyList<double> losses) =>
            losses.Count > 1 && losses.Contains(loss);

        public override string Describe() => "only the first";
    }
}
