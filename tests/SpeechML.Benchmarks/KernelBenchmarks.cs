using SpeechML.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

internal static class KernelBenchmarks
{
    /// <summary>
    /// 10 s from 44.1 to 16 kHz: ours on one thread, against torchaudio's way, a strided convolution with the whole
    /// kernel table.
    /// </summary>
    public static void Resampler()
    {
        const int From = 441, To = 160, Width = 6;
        float[] samples = [.. Enumerable.Range(0, 441_000).Select(i => (float)Math.Sin(i * 0.05))];
        double scale = Math.Min(From, To) * 0.99;
        int half = (int)Math.Ceiling(Width * From / scale);
        float[] table = new float[To * ((2 * half) + From)];
        for (int phase = 0; phase < To; phase++)
        {
            for (int tap = 0; tap < (2 * half) + From; tap++)
            {
                double t = Math.Clamp((((double)-phase / To) + ((double)(tap - half) / From)) * scale, -Width, Width);
                double window = Math.Pow(Math.Cos(t * Math.PI / Width / 2), 2);
                table[(phase * ((2 * half) + From)) + tap] =
                    (float)((t == 0 ? 1 : Math.Sin(t * Math.PI) / (t * Math.PI)) * window * scale / From);
            }
        }
        using Tensor kernel = tensor(table, [To, 1, (2 * half) + From]);
        float[] theirs = [];
        float[] ours = [];
        void Torch()
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor padded = nn.functional.pad(tensor(samples, [1, 1, samples.Length]), [half, half + From]);
            theirs = nn.functional.conv1d(padded, kernel, stride: From).transpose(1, 2).reshape(-1).data<float>()
                .ToArray();
        }
        Torch();
        ours = SpeechML.Resampler.Resample(samples, 44_100, 16_000);
        double worst = ours.Select((v, i) => Math.Abs(v - theirs[i])).Max();
        if (worst > 1e-4)
        {
            throw new InvalidOperationException($"The two resamplers differ by {worst}.");
        }
        Ratio.Measure("resampler", "ours", () => ours = SpeechML.Resampler.Resample(samples, 44_100, 16_000),
            "torch conv1d", Torch);
    }

    /// <summary>One step on 20 M parameters: our single pass, against TorchSharp's AdamW.</summary>
    public static void AdamW()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] Make() => [.. Enumerable.Range(0, 20).Select(_ => new Parameter(randn(1024, 1024)))];
        Parameter[] mine = Make();
        Parameter[] theirs = Make();
        foreach (Parameter parameter in mine.Concat(theirs))
        {
            parameter.grad = randn(1024, 1024);
        }
        var group = new OptimizerGroup("all", [.. mine.Select((p, i) => ($"p{i}", p))]) { WeightDecay = 0.01 };
        using var ours = new AdamOptimizer([group]);
        using var torch = optim.AdamW(theirs, weight_decay: 0.01);
        Ratio.Measure("adamw", "ours", ours.Step, "TorchSharp", () => torch.step());
    }
}
