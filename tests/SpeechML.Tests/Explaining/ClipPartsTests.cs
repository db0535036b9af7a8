using SpeechML.Explaining;

namespace SpeechML.Tests.Explaining;

[TestClass]
public sealed class ClipPartsTests
{
    [TestMethod]
    public void Segments_AnyLength_CoverTheClipWithinTheirNumber()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 2000; trial++)
        {
            int length = random.Next(1, 100_000);
            var options = new SpeechExplanationOptions
            {
                WindowSeconds = random.Next(1, 3000) / 1000.0,
                MaxSegments = random.Next(1, 50),
            };
            options.HopSeconds = options.WindowSeconds * (random.NextDouble() * 0.9 + 0.1);
            (int window, int hop) = ClipParts.Sizes(length, 1000, options);
            IReadOnlyList<(int Start, int End)> segments = ClipParts.Segments(length, window, hop);
            string what = $"{length} samples, {options.WindowSeconds} {options.HopSeconds} {options.MaxSegments}";
            Assert.IsLessThanOrEqualTo(options.MaxSegments, segments.Count, what);
            Assert.AreEqual(0, segments[0].Start, what);
            Assert.AreEqual(length, segments[^1].End, what);
            for (int i = 1; i < segments.Count; i++)
            {
                Assert.IsLessThanOrEqualTo(segments[i - 1].End, segments[i].Start, what);
                Assert.IsGreaterThan(segments[i - 1].End, segments[i].End, what);
            }
        }
    }

    [TestMethod]
    public void Without_EachReplacement_ChangesTheSegmentOnly()
    {
        float[] clip = [.. Enumerable.Range(0, 1000).Select(i => 0.25f + (i % 2 == 0 ? 0.5f : -0.5f))];
        foreach (OcclusionReplacement replacement in Enum.GetValues<OcclusionReplacement>())
        {
            float[] changed = ClipParts.Without(
                clip, 400, 800, 1000, new SpeechExplanationOptions { Replacement = replacement });
            CollectionAssert.AreEqual(clip[..400], changed[..400]);
            CollectionAssert.AreEqual(clip[800..], changed[800..]);
            float[] inside = changed[410..790];
            double power = Math.Sqrt(inside.Average(x => (double)x * x));
            switch (replacement)
            {
                case OcclusionReplacement.Silence:
                    Assert.AreEqual(0, power);
                    break;
                case OcclusionReplacement.Mean:
                    Assert.IsTrue(inside.All(x => Math.Abs(x - 0.25f) < 1e-6));
                    break;
                default:
                    Assert.AreEqual(Math.Sqrt(0.25 + 0.0625), power, 0.06);
                    Assert.AreEqual(0, inside.Average(), 0.1);
                    break;
            }
        }
    }

    [TestMethod]
    public void Bands_AllTogether_AreTheClipAndEachTakesItsTone()
    {
        const int Rate = 16_000;
        float[] tone = [.. Enumerable.Range(0, 8000).Select(i => (float)Math.Sin(2 * Math.PI * 1000 * i / Rate))];
        IReadOnlyList<(double Low, double High)> bands = MelBands.Edges(8, Rate);
        Assert.AreEqual((0, 8000), (bands[0].Low, bands[^1].High));
        double[] sum = new double[tone.Length];
        foreach ((double low, double high) in bands)
        {
            float[] rest = MelBands.Without(tone, low, high, Rate);
            double power = rest.Skip(1000).SkipLast(1000).Average(x => (double)x * x) / 0.5;
            bool own = low < 1000 && high > 1000;
            Assert.AreEqual(own ? 0 : 1, power, 1e-3, $"{low:f0} to {high:f0} Hz");
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += tone[i] - rest[i];
            }
        }
        Assert.IsTrue(sum.Zip(tone).All(p => Math.Abs(p.First - p.Second) < 1e-5));
    }

    [TestMethod]
    public void PathIntegral_StepNearSilence_IsCompleteWhereEqualStepsAreNot()
    {
        // As a norm with a small epsilon does it: f(a x) = |a x| / sqrt(a² x² + 1e-7), constant but for small a.
        const double Epsilon = 1e-7;
        static double Score(double a) => a / Math.Sqrt((a * a) + Epsilon);
        static PathPoint At(double a)
        {
            double slope = Epsilon / Math.Pow((a * a) + Epsilon, 1.5);
            return new PathPoint([Score(a), 2 * a], [[0.25 * slope, 0.75 * slope], [2, 0]]);
        }
        PathIntegral integral = PathIntegral.Compute(
            points => Array.ConvertAll(points, At), [0, 0], [Score(1), 2], 0.01, 256);
        double equal = Enumerable.Range(0, 256).Average(i => At((i + 0.5) / 256).Slopes[0].Sum());
        Assert.IsGreaterThan(0.1, Math.Abs(equal - Score(1)), "Equal steps would do.");
        Assert.AreEqual(Score(1), integral.Parts[0].Sum(), 0.01);
        Assert.AreEqual(0.25 * Score(1), integral.Parts[0][0], 0.005);
        Assert.AreEqual(2, integral.Parts[1].Sum(), 0.041);
        Assert.IsLessThan(128, integral.Points);
    }
}
