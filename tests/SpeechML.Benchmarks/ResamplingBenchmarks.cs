using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

/// <summary>
/// Resampling of 10 s between the rates that recordings have, on one thread as the read-ahead does it, against
/// torchaudio's algorithm: a strided convolution with the kernels of all
/// phases (torchaudio/functional/functional.py, BSD 2-Clause) by torch's <c>conv1d</c>, on as many threads as torch has
/// and on one.
/// </summary>
internal static class ResamplingBenchmarks
{
    private const int Seconds = 10;
    private const int Width = 6; // lowpass_filter_width
    private const double Rolloff = 0.99;

    public static void AllShapes()
    {
        foreach ((int from, int to) in new[] { (44_100, 16_000), (48_000, 16_000), (22_050, 16_000), (8_000, 16_000),
            (16_000, 44_100) })
        {
            Shape(from, to);
        }
    }

    private static void Shape(int from, int to)
    {
        float[] samples = [.. Enumerable.Range(0, Seconds * from).Select(i => (float)Math.Sin(i * 0.05))];
        int divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(from, to);
        (int step, int phases) = (from / divisor, to / divisor);
        double scale = Math.Min(step, phases) * Rolloff;
        int half = (int)Math.Ceiling(Width * step / scale);
        using Tensor kernel = tensor(Table(step, phases, half, scale), [phases, 1, (2 * half) + step]);
        float[] theirs = [], ours = [];
        void Torch()
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor padded = nn.functional.pad(tensor(samples, [1, 1, samples.Length]), [half, half + step]);
            theirs = nn.functional.conv1d(padded, kernel, stride: step).transpose(1, 2).reshape(-1).data<float>()
                .ToArray();
        }
        void Ours() => ours = SpeechML.Resampler.Resample(samples, from, to);
        Torch();
        Ours();
        double worst = ours.Select((v, i) => Math.Abs(v - theirs[i])).Max();
        if (worst > 1e-4)
        {
            throw new InvalidOperationException($"{from} to {to} Hz: the two resamplers differ by {worst}.");
        }
        int threads = get_num_threads();
        Ratio.Measure($"resampling {from} to {to}", "ours", Ours, $"torch conv1d, {threads} threads", Torch);
        set_num_threads(1);
        Ratio.Measure($"resampling {from} to {to}", "ours", Ours, "torch conv1d, 1 thread", Torch);
        set_num_threads(threads);
    }

    private static float[] Table(int step, int phases, int half, double scale)
    {
        int taps = (2 * half) + step;
        float[] table = new float[phases * taps];
        for (int phase = 0; phase < phases; phase++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                double t = Math.Clamp((((double)-phase / phases) + ((double)(tap - half) / step)) * scale, -Width,
                    Width);
                double window = Math.Pow(Math.Cos(t * Math.PI / Width / 2), 2);
                table[(phase * taps) + tap] =
                    (float)((t == 0 ? 1 : Math.Sin(t * Math.PI) / (t * Math.PI)) * window * scale / step);
            }
        }
        return table;
    }
}
