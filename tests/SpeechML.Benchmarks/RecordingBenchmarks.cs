using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using SpeechML.Model;

namespace SpeechML.Benchmarks;

/// <summary>What a long recording's result owes to where its windows happen to lie.</summary>
internal static class RecordingBenchmarks
{
    private const int Rate = 16_000;
    private const int FramesPerSecond = 50;
    private const int Step = 2; // seconds
    private const int Most = 26; // seconds from one window to the next
    private const int Length = 110; // seconds

    /// <summary>
    /// Cuts the beginning off at every second second, so that windows lie elsewhere, and compares the mean over the
    /// frames that all have.
    /// </summary>
    public static void Offsets(SampleClips samples)
    {
        float[] recording = [.. Enumerable.Range(0, int.MaxValue)
            .SelectMany(i => samples.Clips[i % samples.Clips.Length]).Take(Length * Rate)];
        foreach (double overlap in new[] { 0.0, 2, 4, 8 })
        {
            var options = new SpeechEncodingOptions
            {
                Encoder = samples.Encoder,
                Output = SpeechFeatureOutput.Frames,
                LongAudio = { Overlap = overlap },
            };
            using SpeechModel model = SpeechModel.FromPretrained(new MLContext(seed: 1), options, plan: null, seed: 0);
            float[][] means = [.. Enumerable.Range(0, (Most / Step) + 1)
                .Select(k => Mean(model, recording, k * Step))];
            double size = TensorPrimitives.Norm<float>(means[0]);
            double[] distances = [.. means.Skip(1).Select(m => TensorPrimitives.Distance<float>(m, means[0]) / size)];
            double[] cosines =
                [.. means.Skip(1).Select(m => 1 - TensorPrimitives.CosineSimilarity<float>(m, means[0]))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"window-offsets overlap {overlap} s: distance from the uncut, median {Median(distances):P2}, most " +
                $"{distances.Max():P2}; 1 - cosine, most {cosines.Max():E1}"));
        }
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>The mean over the frames from <see cref="Most"/> seconds of the uncut recording on.</summary>
    private static float[] Mean(SpeechModel model, float[] recording, int cut)
    {
        var audio = MLAudio.FromSamples(recording.AsSpan(cut * Rate), Rate);
        float[] frames = model.Run([audio], "Audio").Single();
        int size = model.Network.Encoder.Config.HiddenSize;
        var sum = new float[size];
        int first = (Most - cut) * FramesPerSecond, last = frames.Length / size;
        for (int i = first; i < last; i++)
        {
            TensorPrimitives.Add(sum, frames.AsSpan(i * size, size), sum);
        }
        TensorPrimitives.Divide(sum, last - first, sum);
        return sum;
    }
}
