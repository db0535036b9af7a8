using SpeechML.Training.Probing;

namespace SpeechML.Tests.Training.Probing;

/// <summary>Which of the things compared is picked where their scores lie close.</summary>
[TestClass]
public sealed class LayerPickTests
{
    [TestMethod]
    [DataRow(new[] { 0.98, 0.99, 0.97 }, new[] { 0.975, 0.995, 0.965 }, 1, DisplayName = "ahead by less")]
    [DataRow(new[] { 0.98, 0.99, 0.97 }, new[] { 0.970, 0.981, 0.959 }, 0, DisplayName = "ahead by more")]
    [DataRow(new[] { 0.98, 0.99, 0.97 }, new[] { 0.980, 0.991, 0.971 }, 1, DisplayName = "behind")]
    [DataRow(new[] { 0.98 }, new[] { 0.979 }, 0, DisplayName = "one drawing")]
    public void Best_OneLayerBesideAll_AheadByMoreThanTheDrawingsDiffer(double[] one, double[] all, int expected) =>
        Assert.AreEqual(expected, LayerProbe.Best(
            [Candidate(one), Candidate(all)], s => s[0], SpeechMetrics.RocAuc));

    [TestMethod]
    public void Best_LowerIsBetter_TheLower() => Assert.AreEqual(0, LayerProbe.Best(
        [Candidate([0.1, 0.2, 0.1]), Candidate([0.5, 0.6, 0.5])], s => s[0], SpeechMetrics.Loss));

    [TestMethod]
    public void Best_NoScores_AllLayers() => Assert.AreEqual(1, LayerProbe.Best(
        [
            new LayerCandidate(new LayerFeatures([1], true), 1, []),
            new LayerCandidate(new LayerFeatures([0, 1], false), 1, []),
        ],
        s => s.Length == 0 ? null : s[0], SpeechMetrics.RocAuc));

    private static LayerCandidate Candidate(double[] drawings) =>
        new(new LayerFeatures([1], true), 1, [drawings.Average()])
        {
            Drawings = [.. drawings.Select(d => new double?[] { d })],
        };
}
