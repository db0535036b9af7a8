using SpeechML.Audio.Common;
using SpeechML.Audio.Dsp;
using SpeechML.Audio.Measures.Signals;
using SpeechML.Audio.Measures.Spectral;
using SpeechML.Audio.Measures.Voicing;

namespace SpeechML.Audio.Tests.Measures;

/// <summary>What makes measures of long recordings cheap changes no number.</summary>
[TestClass]
public sealed class BoundedMemoryTests
{
    private const int Rate = 16000;

    [TestMethod]
    public void Of_ManyValues_IsTheMedianOfSortedOnes()
    {
        var random = new SeededRandom(1);
        for (int k = 0; k < 400; k++)
        {
            int count = 1 + random.Next(700), kinds = k % 3 == 0 ? 3 : 1 << 30;
            double[] values = [.. Enumerable.Range(0, count).Select(i =>
                k % 5 == 0 ? Math.Sin(i / 50.0) : k % 7 == 0 ? i : random.Next(kinds) - (0.3 * kinds))];
            double[] sorted = [.. values.Order()];
            Assert.AreEqual((sorted[(count - 1) / 2] + sorted[count / 2]) / 2, Median.Of(values));
            CollectionAssert.AreEqual(sorted, values.Order().ToArray(), "A value was lost.");
        }
    }

    [TestMethod]
    public void Best_ManyFrames_IsThePathOfAllAndKeepsFewCandidates()
    {
        const int Frames = 30_000;
        var options = new PitchOptions();
        var random = new SeededRandom(2);
        var path = new PitchPath(options, options.Ceiling, 0.01, Frames);
        var all = new List<(double Frequency, double Strength)[]>();
        int most = 0;
        for (int i = 0; i < Frames; i++)
        {
            List<(double Frequency, double Strength)> candidates = [.. Enumerable.Range(0, random.Next(6)).Select(_ =>
                (75 + (500 * random.NextDouble()), random.NextDouble()))];
            path.Add(1, candidates);
            all.Add([(double.NaN, 0), .. candidates]);
            most = Math.Max(most, path.Kept);
        }
        (double[] frequency, double[] strength) = path.Best();
        (double[] wanted, double[] strengths) = Viterbi(all, options);
        CollectionAssert.AreEqual(wanted, frequency);
        CollectionAssert.AreEqual(strengths, strength);
        Assert.IsLessThan(9000 * 6, most);
    }

    [TestMethod]
    public void Measure_RecordingInBlocks_AllocatesLittleBesideItsContours()
    {
        MLAudio audio = MLAudio.FromSamples(
            [.. Enumerable.Range(0, 20 * Rate).Select(i => 0.3f * MathF.Sin(i * 0.06f))], Rate);
        long Allocated(int largestWhole)
        {
            var signal = new SampleSignal(audio, largestWhole);
            long before = GC.GetAllocatedBytesForCurrentThread();
            _ = FormantTracker.Track(signal, new FormantOptions());
            _ = ClipSpectrum.Measure(signal, new SpectrumOptions());
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        _ = Allocated(1 << 14);
        // 3,200 frames of ten numbers, and blocks that are the same ones again and again: not 20 s of samples for each
        // step of each block.
        Assert.IsLessThan(6_000_000, Allocated(1 << 14));
    }

    [TestMethod]
    public void OfWhole_AskedTwice_IsTheSameSpectrum()
    {
        var random = new SeededRandom(4);
        var signal = new SampleSignal(
            MLAudio.FromSamples([.. Enumerable.Range(0, 3000).Select(_ => (float)random.NextDouble())], Rate));
        var other = new SampleSignal(
            MLAudio.FromSamples([.. Enumerable.Range(0, 3000).Select(_ => (float)random.NextDouble())], Rate));
        double[] first = [.. signal.Transforms.OfWhole(signal, 100).Re];
        double[] unpadded = [.. signal.Transforms.OfWhole(signal, 0).Re];
        double[] others = [.. other.Transforms.OfWhole(other, 100).Re];
        CollectionAssert.AreEqual(first, signal.Transforms.OfWhole(signal, 100).Re);
        CollectionAssert.AreEqual(unpadded, signal.Transforms.OfWhole(signal, 0).Re);
        CollectionAssert.AreEqual(others, other.Transforms.OfWhole(other, 100).Re);
        CollectionAssert.AreEqual(first, signal.Transforms.OfWhole(signal, 100).Re);
        CollectionAssert.AreNotEqual(first, others);
    }

    [TestMethod]
    [DataRow(44100, 10000)]
    [DataRow(44100, 11000)]
    [DataRow(16000, 11000)]
    [DataRow(22050, 10000)]
    [DataRow(16000, 8000)]
    [DataRow(8000, 10000)]
    public void At_PlacesOfAnotherRate_IsTheInterpolationOfEach(int from, int to)
    {
        const int Depth = 50;
        var random = new SeededRandom(6);
        double[] row = [.. Enumerable.Range(0, 3000).Select(_ => random.NextDouble() - 0.5)];
        // Between samples, and on them but for rounding.
        foreach (double offset in (double[])[0.37, 0, -1e-12])
        {
            SincPhases phases = SincPhases.Of(from, to, Depth)!;
            for (long k = 0; k < 3000L * to / from; k++)
            {
                double place = Math.Clamp(((k * (double)from) / to) + offset, 0, row.Length - 1);
                Assert.AreEqual(SincInterpolation.At(row, place, Depth),
                    phases.At(row, 0, row.Length, place, k), 1e-9);
            }
        }
        Assert.IsNull(SincPhases.Of(from, to + 0.123, Depth));
    }

    /// <summary>The best path, all of it kept.</summary>
    private static (double[] Frequency, double[] Strength) Viterbi(
        List<(double Frequency, double Strength)[]> frames, PitchOptions options)
    {
        var back = new List<int[]>();
        double[] scores = [];
        for (int i = 0; i < frames.Count; i++)
        {
            int[] from = new int[frames[i].Length];
            double[] next = new double[frames[i].Length];
            for (int k = 0; k < next.Length; k++)
            {
                double log = Math.Log2(frames[i][k].Frequency);
                double local = k == 0 ? options.VoicingThreshold + Math.Max(
                    0, 2 - ((1 + options.VoicingThreshold) / options.SilenceThreshold))
                    : frames[i][k].Strength - (options.OctaveCost * (Math.Log2(options.Ceiling) - log));
                double best = i == 0 ? 0 : double.NegativeInfinity;
                for (int j = 0; j < scores.Length; j++)
                {
                    double cost = k == 0 && j == 0 ? 0 : k == 0 || j == 0 ? options.VoicedUnvoicedCost
                        : options.OctaveJumpCost * Math.Abs(Math.Log2(frames[i - 1][j].Frequency) - log);
                    if (scores[j] - cost > best)
                    {
                        (from[k], best) = (j, scores[j] - cost);
                    }
                }
                next[k] = best + local;
            }
            back.Add(from);
            scores = next;
        }
        double[] frequency = new double[frames.Count], strength = new double[frames.Count];
        int at = Array.IndexOf(scores, scores.Max());
        for (int i = frames.Count - 1; i >= 0; i--)
        {
            (frequency[i], strength[i]) = (frames[i][at].Frequency, at == 0 ? double.NaN : frames[i][at].Strength);
            at = back[i][at];
        }
        return (frequency, strength);
    }
}
