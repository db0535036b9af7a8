using System.Numerics;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// Dropout masks: 0, or 1 / (1 - p). torch draws them one number at a time from a Mersenne twister on one thread; here
/// each is a hash of
/// its place and of a key from <see cref="DropoutStream"/>, so that masks depend on the seed and on nothing else, such
/// as the number of threads.
/// </summary>
internal static unsafe class DropoutMask
{
    private const int Block = 1 << 17; // elements per work item, each with a key of its own

    /// <summary>
    /// Whether it can be done in memory: on the CPU, in float32, to which what has 16 bits is cast before.
    /// </summary>
    public static bool CanMake(Tensor input, double probability) =>
        (TensorMemory.IsFloat32OnCpu(input)
            || (Reduced.Is(input) && input.device_type == DeviceType.CPU)) && probability is > 0 and < 1
            && input.numel() is > 0 and <= int.MaxValue / sizeof(float);

    /// <summary>A key for one mask, from the stream of this thread.</summary>
    public static ulong DrawKey()
    {
        using Tensor drawn = rand([1], dtype: ScalarType.Float64, generator: DropoutStream.For(CPU));
        return BitConverter.DoubleToUInt64Bits(drawn.item<double>());
    }

    /// <summary>The input times the mask of a key, which is never in memory.</summary>
    public static Tensor Apply(Tensor input, ulong key, double probability)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor dense = input.contiguous(), output = empty(input.shape, dtype: ScalarType.Float32);
        nint from = (nint)TensorMemory.Address(dense), to = (nint)TensorMemory.Address(output);
        int count = (int)output.numel();
        TorchThreads.For((count + Block - 1) / Block, block =>
        {
            nint first = (nint)block * Block;
            Multiply((float*)from + first, (float*)to + first, Math.Min(Block, count - (int)first), key + (ulong)block,
                probability);
        });
        GC.KeepAlive(dense);
        return output.MoveToOuterDisposeScope();
    }

    private static void Multiply(float* from, float* to, int count, ulong key, double probability)
    {
        ulong mixed = SplitMix(key);
        uint first = (uint)mixed, second = (uint)(mixed >> 32);
        uint threshold = (uint)(probability * uint.MaxValue); // dropped below it
        float kept = (float)(1 / (1 - probability));
        int i = 0;
        Vector<uint> place = Vector<uint>.Indices;
        Vector<uint> step = new((uint)Vector<uint>.Count), thresholds = new(threshold), seconds = new(second),
            firsts = new(first);
        Vector<float> keep = new(kept);
        for (; i <= count - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<uint> x = (place * 0x9E3779B9u) + firsts;
            x = (x ^ (x >>> 16)) * 0x7FEB352Du;
            x = ((x ^ (x >>> 15)) + seconds) * 0x846CA68Bu;
            x ^= x >>> 16;
            Vector.Store(Vector.AsVectorSingle(
                Vector.GreaterThanOrEqual(x, thresholds)) & (Vector.Load(from + i) * keep), to + i);
            place += step;
        }
        for (; i < count; i++)
        {
            uint x = ((uint)i * 0x9E3779B9u) + first;
            x = (x ^ (x >> 16)) * 0x7FEB352Du;
            x = ((x ^ (x >> 15)) + second) * 0x846CA68Bu;
            x ^= x >> 16;
            to[i] = x >= threshold ? from[i] * kept : 0;
        }
    }

    // Steele, Lea, Flood 2014 (SplitMix64): keys that follow each other give unrelated streams.
    private static ulong SplitMix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
