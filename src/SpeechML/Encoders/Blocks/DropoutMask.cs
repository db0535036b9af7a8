using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpeechML.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Blocks;

/// <summary>
/// Dropout masks: 0, or 1 / (1 - p). torch draws them one number at a time from a Mersenne twister on one thread; here each is a hash of
/// its place and of a key that torch's generator gives, so that masks depend on <c>torch.manual_seed</c> and on nothing else, such as the number of threads.
/// </summary>
internal static unsafe class DropoutMask
{
    private const int Block = 1 << 17; // elements per work item, each with a key of its own

    /// <summary>Whether the mask can be made in memory: float32 on the CPU.</summary>
    public static bool CanMake(Tensor input, double probability) =>
        input.dtype == ScalarType.Float32 && input.device_type == DeviceType.CPU && probability is > 0 and < 1 && input.numel() is > 0 and <= int.MaxValue / sizeof(float);

    /// <summary>A mask of the input's shape.</summary>
    public static Tensor Draw(Tensor input, double probability)
    {
        Tensor mask = empty(input.shape, dtype: ScalarType.Float32);
        ulong key;
        using (Tensor drawn = rand([1], dtype: ScalarType.Float64))
        {
            key = BitConverter.DoubleToUInt64Bits(drawn.item<double>());
        }
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(mask.bytes));
        int count = (int)mask.numel();
        int blocks = (count + Block - 1) / Block;
        TorchThreads.For(blocks, block => Fill((float*)address + ((long)block * Block), Math.Min(Block, count - (block * Block)), key + (ulong)block, probability));
        return mask;
    }

    private static void Fill(float* mask, int count, ulong key, double probability)
    {
        ulong mixed = SplitMix(key);
        uint first = (uint)mixed, second = (uint)(mixed >> 32);
        uint threshold = (uint)(probability * uint.MaxValue); // dropped below it
        float kept = (float)(1 / (1 - probability));
        int i = 0;
        Vector<uint> place = Vector<uint>.Indices;
        Vector<uint> step = new((uint)Vector<uint>.Count), thresholds = new(threshold), seconds = new(second), firsts = new(first);
        Vector<float> keep = new(kept);
        for (; i <= count - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<uint> x = (place * 0x9E3779B9u) + firsts;
            x = (x ^ (x >>> 16)) * 0x7FEB352Du;
            x = ((x ^ (x >>> 15)) + seconds) * 0x846CA68Bu;
            x ^= x >>> 16;
            Vector.Store(Vector.AsVectorSingle(Vector.GreaterThanOrEqual(x, thresholds)) & keep, mask + i);
            place += step;
        }
        for (; i < count; i++)
        {
            uint x = ((uint)i * 0x9E3779B9u) + first;
            x = (x ^ (x >> 16)) * 0x7FEB352Du;
            x = ((x ^ (x >> 15)) + second) * 0x846CA68Bu;
            x ^= x >> 16;
            mask[i] = x >= threshold ? kept : 0;
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
