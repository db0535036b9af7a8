using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Speakers;

namespace SpeechML.Data.Tests.Speakers;

/// <summary>The equal error rate against counts by hand, its interval, and the cosine of two columns.</summary>
[TestClass]
public sealed class SpeakerEvaluationTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    // Scores of pairs of one speaker, of two, the rate, the threshold.
    [DataRow(new[] { 0.9, 0.8, 0.7 }, new[] { 0.1, 0.2, 0.3 }, 0.0, 0.7)]
    [DataRow(new[] { 0.1, 0.2, 0.3 }, new[] { 0.9, 0.8, 0.7 }, 1.0, 0.7)]
    [DataRow(new[] { 0.9, 0.8, 0.7, 0.2 }, new[] { 0.1, 0.3, 0.4, 0.75 }, 0.25, 0.7)]
    [DataRow(new[] { 0.5, 0.5 }, new[] { 0.5, 0.5 }, 0.5, 0.5)]
    // 1 of 3 refused and 1 of 2 accepted at 0.7, 2 of 3 and 1 of 2 above it: they cross halfway.
    [DataRow(new[] { 0.9, 0.7, 0.3 }, new[] { 0.8, 0.2 }, 0.5, 0.8)]
    public void Crossing_PairsByHand_TheRateWhereBothErrorsAreEqual(
        double[] same, double[] different, double rate, double threshold)
    {
        var pairs = new EqualError(same.Select(s => (s, true, 0, 0)).Concat(different.Select(s => (s, false, 0, 1))));
        (MetricValue value, double at) = pairs.Crossing([1, 1]);
        Assert.AreEqual(rate, value.Value!.Value, 1e-12);
        Assert.AreEqual(threshold, at, 1e-9);
    }

    [TestMethod]
    public void Rate_SpeakersDrawn_IsThatOfTheirPairs()
    {
        var random = new Random(1);
        (double, bool, int, int)[] pairs = [.. Enumerable.Range(0, 400).Select(_ =>
        {
            (int a, int b) = (random.Next(6), random.Next(6));
            return (random.NextDouble() + (a == b ? 0.3 : 0), a == b, a, b);
        })];
        int[] times = [2, 0, 1, 3, 1, 1];
        // A pair of two speakers comes as often as both; one of a speaker as often as that one.
        var repeated = new EqualError(pairs.SelectMany(p =>
            Enumerable.Repeat(p, p.Item2 ? times[p.Item3] : times[p.Item3] * times[p.Item4])));
        Assert.AreEqual(repeated.Rate([1, 1, 1, 1, 1, 1]).Value!.Value, new EqualError(pairs).Rate(times).Value!.Value,
            1e-12);
        Assert.IsNull(new EqualError(pairs.Where(p => p.Item2)).Rate(times).Value);
    }

    [TestMethod]
    public void EvaluateSpeakers_ClipsAndPairs_SameRateWithAnIntervalBySpeaker()
    {
        IDataView clips = Clips(spread: 0.9);
        SpeakerVerification all = _context.Speech().EvaluateSpeakers(clips, "Voice", "Subject");
        Assert.AreEqual(8, all.Speakers);
        Assert.AreEqual(8 * 6, all.SamePairs); // 4 clips each
        Assert.AreEqual((32 * 31 / 2) - 48, all.DifferentPairs);
        double rate = all.EqualErrorRate.Estimate.Value!.Value;
        Assert.IsTrue(rate is > 0.01 and < 0.45, $"{rate}");
        Assert.IsLessThan(rate, all.EqualErrorRate.Low.Value!.Value);
        Assert.IsGreaterThan(rate, all.EqualErrorRate.High.Value!.Value);

        float[][] voices = [.. clips.GetColumn<float[]>("Voice")];
        string[] subjects = [.. clips.GetColumn<string>("Subject")];
        IDataView pairs = _context.Data.LoadFromEnumerable(
            from i in Enumerable.Range(0, voices.Length)
            from j in Enumerable.Range(0, i)
            select new Pair { A = voices[i], B = voices[j], First = subjects[i], Second = subjects[j] });
        IDataView scored = _context.Transforms.ScoreSpeakers("Score", "A", "B").Fit(pairs).Transform(pairs);
        SpeakerVerification given = _context.Speech().EvaluateSpeakerPairs(scored, "Score", "First", "Second");
        Assert.AreEqual(rate, given.EqualErrorRate.Estimate.Value!.Value, 1e-9);
        Assert.AreEqual(all.SamePairs, given.SamePairs);
        StringAssert.StartsWith($"{all}", "equal error rate 0.");
    }

    [TestMethod]
    public void ScoreSpeakers_SavedAndLoaded_CosineOfTwoColumns()
    {
        IDataView data = _context.Data.LoadFromEnumerable(
            [new Pair { A = [3, 0, 0, 0], B = [1, 1, 0, 0] }, new Pair { A = [1, 2, 3, 4], B = [-1, -2, -3, -4] }]);
        ITransformer scorer = _context.Transforms.ScoreSpeakers("Score", "A", "B").Fit(data);
        using var zip = new MemoryStream();
        _context.Model.Save(scorer, data.Schema, zip);
        zip.Position = 0;
        float[] scores = [.. _context.Model.Load(zip, out _).Transform(data).GetColumn<float>("Score")];
        Assert.AreEqual(1 / MathF.Sqrt(2), scores[0], 1e-6f);
        Assert.AreEqual(-1, scores[1], 1e-6f);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _context.Transforms.ScoreSpeakers("Score", "A", "First").Fit(data)).Message, "'First'");
    }

    private IDataView Clips(double spread)
    {
        var random = new Random(5);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(6.283 * random.NextDouble());
        return _context.Data.LoadFromEnumerable(Enumerable.Range(0, 8).SelectMany(s =>
        {
            double[] own = [.. Enumerable.Range(0, 4).Select(_ => Normal())];
            return Enumerable.Range(0, 4).Select(_ => new Clip
            {
                Subject = $"s{s}",
                Voice = [.. own.Select(v => (float)(v + (spread * Normal())))],
            });
        }).ToArray());
    }

    private sealed class Clip
    {
        public string Subject { get; set; } = "";

        [VectorType(4)]
        public float[] Voice { get; set; } = [];
    }

    private sealed class Pair
    {
        [VectorType(4)]
        public float[] A { get; set; } = [];

        [VectorType(4)]
        public float[] B { get; set; } = [];

        public string First { get; set; } = "";

        public string Second { get; set; } = "";
    }
}
