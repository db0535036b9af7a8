using Microsoft.ML;

namespace SpeechML.Extensions.Tests;

[TestClass]
public sealed class TunerTests
{
    [TestMethod]
    public void Run_TunerOfAUser_ChoosesEveryTrial()
    {
        var tuner = new HalvingTuner();
        using SweepResult result = SampleSweep.Create(new MLContext(seed: 1)).SetTuner(tuner).Run();
        CollectionAssert.AreEqual(new[] { 0.1, 0.05, 0.025 },
            result.Trials.Select(t => (double)t.Parameters["HeadLearningRate"]).ToArray());
        Assert.IsTrue(result.Trials.All(t => t.State == SweepTrialState.Finished));
        Assert.AreEqual(2, tuner.MaxSeen, "the trials that ended before the third");
    }

    /// <summary>Starts at the greatest value of every range and halves it; ends by itself.</summary>
    private sealed class HalvingTuner : SweepTuner
    {
        public int MaxSeen { get; private set; }

        public override bool EndsByItself => true;

        public override SweepPoint? Suggest(
            ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed)
        {
            if (trial == 3)
            {
                return null;
            }
            MaxSeen = Math.Max(MaxSeen, ended.Count(o => double.IsFinite(o.Loss)));
            SweepPoint drawn = space.Draw(seed, trial);
            SweepPoint point = space.Build(p => p.Kind == ParameterKind.Choice ? drawn[p.Name]
                : Math.Max(p.Min, p.Max / Math.Pow(2, trial)));
            return space.Allows(point) ? point : drawn;
        }

        public override string Describe() => "halving";
    }
}
