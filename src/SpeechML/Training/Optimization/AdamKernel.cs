using System.Numerics;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Training.Optimization;

/// <summary>
/// One Adam step over float32 memory in a single pass: eight passes of tensor operations would each go through all
/// memory. The result does not depend on
/// the number of threads.
/// </summary>
internal static unsafe class AdamKernel
{
    // elements per work item: large enough to hide the scheduling, small enough to balance
    private const int Block = 1 << 16;

    /// <summary>Whether all tensors are float32, on the CPU, contiguous and small enough for a span of bytes.</summary>
    public static bool CanRun(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor t in tensors)
        {
            if (!TensorMemory.IsFloat32OnCpu(t) || !t.is_contiguous() || t.numel() > int.MaxValue / sizeof(float))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The step.</summary>
    public static void Run(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, OptimizerGroup group,
        bool decoupled, double stepSize, double correction)
    {
        TensorVersion.NoteWritten();
        nint p = (nint)TensorMemory.Address(parameter), g = (nint)TensorMemory.Address(gradient),
            m = (nint)TensorMemory.Address(mean), v = (nint)TensorMemory.Address(square);
        long count = parameter.numel();
        var c = new Constants(
            decoupled ? (float)(1 - (group.LearningRate * group.WeightDecay)) : 1,
            decoupled ? 0 : (float)group.WeightDecay,
            (float)group.Beta1, (float)(1 - group.Beta1), (float)group.Beta2, (float)(1 - group.Beta2),
            (float)correction, (float)group.Epsilon, (float)stepSize);
        int blocks = (int)((count + Block - 1) / Block);
        if (blocks == 1)
        {
            RunBlock((float*)p, (float*)g, (float*)m, (float*)v, (int)count, c);
            return;
        }
        TorchThreads.For(blocks, b =>
        {
            long start = (long)b * Block;
            RunBlock((float*)p + start, (float*)g + start, (float*)m + start, (float*)v + start,
                (int)Math.Min(Block, count - start), c);
        });
    }

    private static void RunBlock(float* p, float* g, float* m, float* v, int count, in Constants c)
    {
        int i = 0;
        Vector<float> correction = new(c.Correction), epsilon = new(c.Epsilon), stepSize = new(c.StepSize);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> weight = Vector.Load(p + i) * c.WeightFactor;
            Vector<float> gradient = Vector.Load(g + i) + (weight * c.GradientDecay);
            Vector<float> mean = (Vector.Load(m + i) * c.Beta1) + (gradient * c.OneMinusBeta1);
            Vector<float> square = (Vector.Load(v + i) * c.Beta2) + (gradient * gradient * c.OneMinusBeta2);
            Vector.Store(mean, m + i);
            Vector.Store(square, v + i);
            Vector.Store(weight - (stepSize * (mean / ((Vector.SquareRoot(square) / correction) + epsilon))), p + i);
        }
        for (; i < count; i++)
        {
            float weight = p[i] * c.WeightFactor;
            float gradient = g[i] + (weight * c.GradientDecay);
            m[i] = (m[i] * c.Beta1) + (gradient * c.OneMinusBeta1);
            v[i] = (v[i] * c.Beta2) + (gradient * gradient * c.OneMinusBeta2);
            p[i] = weight - (c.StepSize * (m[i] / ((MathF.Sqrt(v[i]) / c.Correction) + c.Epsilon)));
        }
    }

    private readonly record struct Constants(
        float WeightFactor, float GradientDecay, float Beta1, float OneMinusBeta1, float Beta2, float OneMinusBeta2,
        float Correction, float Epsilon, float StepSize);
}
