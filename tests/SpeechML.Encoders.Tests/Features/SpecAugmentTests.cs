using SpeechML.Audio.Common;
using SpeechML.Encoders.Features;

namespace SpeechML.Encoders.Tests.Features;

/// <summary>The counting rules of Hugging Face's span masks.</summary>
[TestClass]
public sealed class SpecAugmentTests
{
    [TestMethod]
    public void Mask_SameSeed_IsTheSame()
    {
        bool[] Run(ulong seed) =>
            SpecAugment.Mask(new SeededRandom(seed), 4, 200, SpecAugmentSettings.Time, [200, 150, 30, 200]);
        CollectionAssert.AreEqual(Run(1), Run(1));
        CollectionAssert.AreNotEqual(Run(1), Run(2));
    }

    [TestMethod]
    [DataRow(0.05, 10)]
    [DataRow(0.3, 10)]
    [DataRow(0.65, 10)]
    [DataRow(0.1, 3)]
    public void Mask_ManyRows_MasksTheShareLessOverlaps(double probability, int length)
    {
        const int Batch = 50, Width = 500;
        var settings = new SpecAugmentSettings { Probability = probability, Length = length };
        double masked = Enumerable.Range(0, 20)
            .Average(s => SpecAugment.Mask(new SeededRandom((ulong)s), Batch, Width, settings)
            .Count(m => m)) / (Batch * Width);
        // Spans fall anywhere: a position is missed by all of n spans with (1 - length / places)^n.
        double expected = 1 - Math.Pow(1 - ((double)length / (Width - length + 1)), probability * Width / length);
        Assert.AreEqual(expected, masked, 0.02);
        Assert.IsLessThanOrEqualTo(probability + 0.02, masked);
    }

    [TestMethod]
    public void Mask_Lengths_PaddingIsNeverMasked()
    {
        long[] lengths = [100, 60, 25, 10, 9, 1, 0];
        for (ulong seed = 0; seed < 200; seed++)
        {
            bool[] mask = SpecAugment.Mask(new SeededRandom(seed), lengths.Length, 100,
                new SpecAugmentSettings { Probability = 0.5, Length = 10, MinMasks = 2 }, lengths);
            for (int row = 0; row < lengths.Length; row++)
            {
                bool[] line = mask[(row * 100)..((row + 1) * 100)];
                Assert.IsFalse(line.Skip((int)lengths[row]).Any(m => m), $"row {row}, seed {seed}");
                // A row shorter than a mask has none; every other has at least one, as two are asked for.
                Assert.AreEqual(lengths[row] >= 10, line.Any(m => m), $"row {row}, seed {seed}");
            }
        }
    }

    [TestMethod]
    [DataRow(0, 200, 0.0, 10, 0, 0)]
    [DataRow(200, 200, 0.0, 10, 2, 2)]
    [DataRow(100, 100, 0.0, 10, 50, 10)] // no more spans than fit side by side
    [DataRow(12, 100, 0.0, 10, 5, 3)] // no more than places to start
    [DataRow(200, 200, 0.2, 10, 0, 4)] // a whole number: rounding adds nothing
    [DataRow(200, 200, 1.0, 1, 0, 200)]
    public void Mask_OneRow_HasTheNumberOfSpans(
        int valid, int width, double probability, int length, int minMasks, int spans)
    {
        var settings = new SpecAugmentSettings { Probability = probability, Length = length, MinMasks = minMasks };
        for (ulong seed = 0; seed < 50; seed++)
        {
            int masked = SpecAugment.Mask(new SeededRandom(seed), 1, width, settings, [valid]).Count(m => m);
            // Starts differ: n spans cover at least length + n - 1 positions, and at most n times the length.
            Assert.IsTrue(masked >= (spans == 0 ? 0 : length + spans - 1) && masked <= Math.Min(valid, spans * length),
                $"{masked} masked, seed {seed}");
        }
    }

    [TestMethod]
    public void Mask_FractionOfASpan_IsRoundedByChance()
    {
        // 0.05 * 100 / 10: half a span per row; the batch shares one rounding.
        var settings = new SpecAugmentSettings { Probability = 0.05, Length = 10 };
        int[] counts = [.. Enumerable.Range(0, 1000)
            .Select(s => SpecAugment.Mask(new SeededRandom((ulong)s), 3, 100, settings).Count(m => m))];
        Assert.IsTrue(counts.All(c => c is 0 or 30));
        Assert.AreEqual(500, counts.Count(c => c == 30), 60);
    }

    [TestMethod]
    public void Mask_WidthBelowTheMask_IsEmpty() =>
        Assert.IsFalse(SpecAugment.Mask(new SeededRandom(1), 2, 9,
            new SpecAugmentSettings { Probability = 1, Length = 10, MinMasks = 2 }).Any(m => m));

    [TestMethod]
    public void Mask_LengthBeyondTheWidth_Throws() => Assert.AreEqual(
        "SpecAugment: expected 2 lengths of 0 to 20, got 20, 21. (Parameter 'lengths')",
        Assert.ThrowsExactly<ArgumentException>(() =>
        SpecAugment.Mask(new SeededRandom(1), 2, 20, SpecAugmentSettings.Time, [20, 21])).Message);

    [TestMethod]
    public void Mask_ImpossibleSetting_Throws() => Assert.AreEqual(
        "Option Length of SpecAugment: expected at least 1, got '0'.",
        Assert.ThrowsExactly<ArgumentException>(() =>
        SpecAugment.Mask(new SeededRandom(1), 2, 20, new SpecAugmentSettings { Length = 0 })).Message);

    [TestMethod]
    public void Fill_SpanOutside_Throws() => Assert.AreEqual(
        "SpecAugment: expected a mask within 3 columns, got 2 from 2.",
        Assert.ThrowsExactly<ArgumentException>(() =>
        SpecAugment.Fill(new float[6], 3, [], [new MaskSpan(2, 2)], 0)).Message);
}
